/* meter.c - see meter.h. */
#include "models/meter.h"

static meter_tokens price(const struct meter *m, uint64_t bytes) {
    return (meter_tokens)(bytes * 8) * (meter_tokens)m->rate.den;
}

void meter_init(struct meter *m, uint64_t bps, uint64_t burst, sim_ps at) {
    SIM_ASSERT(burst < 1ULL << 60);
    *m = (struct meter){.rate = sim_rate_make(bps, 1, 1), .at = at};
    m->tokens = m->burst = price(m, burst);
}

static void fill(struct meter *m, sim_ps at) {
    SIM_ASSERT(at >= m->at);
    m->tokens += (meter_tokens)(at - m->at) * (meter_tokens)m->rate.num;
    if (m->tokens > m->burst)
        m->tokens = m->burst;
    m->at = at;
}

meter_tokens meter_spills(const struct meter *m, sim_ps since, sim_ps at) {
    meter_tokens num = (meter_tokens)m->rate.num;
    meter_tokens over = m->tokens + (at - m->at) * num - m->burst;
    meter_tokens most = (at - (since > m->at ? since : m->at)) * num;
    if (over <= 0)
        return 0;
    return over < most ? over : most;
}

bool meter_police(struct meter *m, sim_ps at, uint32_t bytes) {
    meter_tokens cost = price(m, bytes);
    fill(m, at);
    if (cost > m->tokens)
        return false;
    m->tokens -= cost;
    return true;
}

sim_ps meter_wait(struct meter *m, sim_ps at, uint32_t bytes) {
    meter_tokens cost = price(m, bytes), need = cost < m->burst ? cost : m->burst;
    fill(m, at);
    if (need <= m->tokens)
        return 0;
    meter_tokens num = (meter_tokens)m->rate.num, lack = need - m->tokens;
    meter_tokens span = (lack + num - 1) / num;
    SIM_ASSERT(span <= INT64_MAX - at); /* beyond 106 days */
    return (sim_ps)span;
}

sim_ps meter_shape(struct meter *m, sim_ps at, uint32_t bytes) {
    sim_ps wait = meter_wait(m, at, bytes);
    fill(m, at + wait);
    m->tokens -= price(m, bytes);
    return wait;
}
