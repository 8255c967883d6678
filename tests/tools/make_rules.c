/* make_rules.c - writes the rule set of the quick start, the same bytes every time:
 *
 *   make_rules >configs/scenarios/quickstart-rules.json
 *
 * 1,000 rules in the proportions of an access list: services of subnets and hosts, client port
 * ranges, pairs of hosts, tunnels, ICMP, bogus sources denied, a sixth of it IPv6; prefixes of
 * 8 to 32 bits (IPv6: 32 to 128), exact ports and ranges. Rule 999 denies what is left.
 *
 * The rules of `fixed` are for captured web traffic between hosts of 10.9.0.0/16 and fd09::/32
 * (ports 8080 and 8443), each at a depth of its own. No other rule meets that traffic: the
 * random prefixes keep away from 10.0.0.0/12 and from fd00::/12. Rule 233 is the one that
 * denies some of it: the client ports of one quarantined guest.
 */
#include "sim/engine/rng.h"
#include <stdio.h>

enum { RULES = 1000 };

struct fixed {
    int number;
    const char *text; /* the rule's fields but its action */
    const char *action;
};

static const struct fixed fixed[] = {
    {24, "\"proto\": \"icmp\", \"note\": \"ping and errors\"", "permit"},
    {25, "\"proto\": \"icmpv6\", \"note\": \"ping, errors, neighbours\"", "permit"},
    {120,
     "\"src\": \"10.9.0.0/16\", \"dst\": \"10.9.0.2/32\", \"dport\": 8443, \"proto\": \"tcp\", "
     "\"note\": \"web, TLS\"",
     "permit"},
    {233,
     "\"src\": \"10.9.0.1/32\", \"dst\": \"10.9.0.0/16\", \"sport\": \"57780-57789\", "
     "\"dport\": 8080, \"proto\": \"tcp\", \"note\": \"quarantined guest\"",
     "deny"},
    {310,
     "\"src\": \"10.9.0.0/24\", \"dst\": \"10.9.0.0/24\", \"dport\": \"8080-8081\", "
     "\"proto\": \"tcp\", \"note\": \"web\"",
     "permit"},
    {455,
     "\"src\": \"10.9.0.0/24\", \"dst\": \"10.0.0.0/8\", \"sport\": 8443, "
     "\"dport\": \"1024-65535\", \"proto\": \"tcp\", \"note\": \"web, TLS, answers\"",
     "permit"},
    {601,
     "\"src\": \"fd09::/64\", \"dst\": \"fd09::2/128\", \"dport\": \"8080-8443\", "
     "\"proto\": \"tcp\", \"note\": \"web, IPv6\"",
     "permit"},
    {742,
     "\"src\": \"10.9.0.2/32\", \"sport\": 8080, \"dport\": \"1024-65535\", "
     "\"proto\": \"tcp\", \"note\": \"web, answers\"",
     "permit"},
    {877,
     "\"src\": \"fd09::2/128\", \"dst\": \"fd09::/32\", \"sport\": \"8080-8443\", "
     "\"proto\": \"tcp\", \"note\": \"web, IPv6, answers\"",
     "permit"},
    {950,
     "\"dst\": \"10.9.0.0/16\", \"dport\": \"8080-8443\", \"proto\": \"tcp\", "
     "\"note\": \"web, from anywhere\"",
     "permit"},
    {951,
     "\"dst\": \"fd09::/32\", \"dport\": \"8080-8443\", \"proto\": \"tcp\", "
     "\"note\": \"web, IPv6, from anywhere\"",
     "permit"},
    {952,
     "\"src\": \"10.9.0.0/16\", \"sport\": \"8080-8443\", \"proto\": \"tcp\", "
     "\"note\": \"web, answers to anywhere\"",
     "permit"},
};
enum { FIXED = sizeof fixed / sizeof *fixed };

static struct sim_rng rng;

static unsigned below(unsigned n) { return (unsigned)sim_rng_below(&rng, n); }

static unsigned between(unsigned low, unsigned high) { return low + below(high - low + 1); }

/* A subnet of 10.16.0.0/12, 172.16.0.0/12 or 192.168.0.0/16, or a host of one. */
static void private4(const char *key, unsigned shortest, unsigned longest) {
    static const uint32_t home[] = {0x0a100000, 0xac100000, 0xc0a80000};
    static const unsigned bits[] = {12, 12, 16};
    unsigned h = below(3), len = between(shortest, longest);
    if (len < bits[h])
        len = bits[h];
    uint32_t a = home[h] | (uint32_t)below(1U << (32 - bits[h]));
    a &= (uint32_t)(0xffffffff00000000U >> len);
    printf("\"%s\": \"%u.%u.%u.%u/%u\", ", key, a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255,
           len);
}

static void public4(const char *key, unsigned shortest, unsigned longest) {
    unsigned len = between(shortest, longest);
    uint32_t a = between(0x17000000, 0x9fffffff);
    a &= (uint32_t)(0xffffffff00000000U >> len);
    printf("\"%s\": \"%u.%u.%u.%u/%u\", ", key, a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255,
           len);
}

/* Draws are statements of their own: the order of arguments is the compiler's choice. */
static void subnet6(const char *key) {
    unsigned kind = below(4), a = between(16, 255), b = between(1, 65535);
    unsigned c = between(1, 65535), d = between(1, 65535);
    if (kind == 0)
        printf("\"%s\": \"2001:db8:%x::/48\", ", key, b);
    else if (kind == 1)
        printf("\"%s\": \"fd%02x:%x::/32\", ", key, a, b);
    else
        printf("\"%s\": \"fd%02x:%x:%x:%x::/64\", ", key, a, b, c, d);
}

static void host6(const char *key) {
    unsigned a = between(1, 65535), b = between(1, 65535), c = between(1, 65535);
    printf("\"%s\": \"2001:db8:%x:%x::%x/128\", ", key, a, b, c);
}

static void service(void) {
    static const unsigned tcp[] = {22,  25,   53,   80,   110,  143,  389,  443,  445,  636,
                                   993, 1433, 1521, 2049, 3306, 3389, 5432, 6379, 8000, 9092};
    static const unsigned udp[] = {53, 67, 69, 123, 161, 162, 500, 514, 1812, 4500, 4789};
    if (below(4))
        printf("\"dport\": %u, \"proto\": \"tcp\", ", tcp[below(20)]);
    else
        printf("\"dport\": %u, \"proto\": \"udp\", ", udp[below(11)]);
}

static void range(void) {
    static const char *const common[] = {"1024-65535", "5000-5099",   "6000-6063", "20-21",
                                         "137-139",    "33434-33534", "2379-2380", "9000-9100"};
    const char *ports = common[below(8)];
    printf("\"dport\": \"%s\", \"proto\": \"%s\", ", ports, below(3) ? "tcp" : "udp");
}

static void tunnel(void) {
    static const char *const name[] = {"gre", "esp", "ah", "sctp"};
    private4("src", 28, 32);
    public4("dst", 28, 32);
    printf("\"proto\": \"%s\", ", name[below(4)]);
}

static void rule6(void) {
    subnet6("src");
    if (below(2))
        host6("dst");
    else
        subnet6("dst");
    if (below(4))
        service();
    else
        range();
}

/* One random rule but its action. @return whether it is of the kind that denies. */
static bool random_rule(void) {
    unsigned kind = below(100);
    if (kind < 34) { /* a service of a host or a small subnet */
        private4("src", 12, 24);
        private4("dst", 28, 32);
        service();
    } else if (kind < 46) { /* the same for clients, by their ports */
        private4("src", 16, 28);
        public4("dst", 16, 24);
        printf("\"sport\": \"1024-65535\", ");
        service();
    } else if (kind < 60) { /* two hosts */
        private4("src", 32, 32);
        private4("dst", 32, 32);
        service();
    } else if (kind < 70) { /* ranges of a subnet */
        private4("src", 16, 32);
        private4("dst", 20, 32);
        range();
    } else if (kind < 74) {
        tunnel();
    } else if (kind < 83) { /* bogus sources */
        public4("src", 8, 16);
        private4("dst", 12, 20);
        return true;
    } else {
        rule6();
    }
    return below(12) == 0;
}

int main(void) {
    size_t next = 0;
    sim_rng_init(&rng, 1, "quickstart-rules");
    printf("[\n");
    for (int i = 0; i < RULES; i++) {
        const char *action;
        printf("{");
        if (next < FIXED && fixed[next].number == i) {
            printf("%s, ", fixed[next].text);
            action = fixed[next++].action;
        } else {
            action = random_rule() ? "deny" : "permit";
        }
        printf("\"action\": \"%s\"}%s\n", action, i + 1 < RULES ? "," : "");
    }
    printf("]\n");
    return 0;
}
