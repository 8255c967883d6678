/* links.c - LINKTYPE_ numbers of capture files: which are dissected, and their names.
 *
 * Whose definitions: the tcpdump group's list of link-layer header types; names of those not
 * dissected are libpcap's.
 */
#include "workloads/capture_impl.h"
#include <pcap/pcap.h>

static const struct {
    uint32_t linktype;
    enum packet_link link;
    const char *name;
} known[] = {
    {0, PACKET_LINK_NULL, "NULL/Loopback"},
    {1, PACKET_LINK_ETHERNET, "Ethernet"},
    {9, PACKET_LINK_PPP, "PPP"},
    {10, PACKET_LINK_FDDI, "FDDI"},
    {12, PACKET_LINK_RAW, "Raw IP"}, /* 12 and 14: DLT_RAW written by old systems */
    {14, PACKET_LINK_RAW, "Raw IP"},
    {50, PACKET_LINK_PPP, "PPP with HDLC framing"},
    {51, PACKET_LINK_PPPOE, "PPPoE session"},
    {101, PACKET_LINK_RAW, "Raw IP"},
    {108, PACKET_LINK_LOOP, "OpenBSD loopback"},
    {113, PACKET_LINK_SLL, "Linux cooked v1"},
    {228, PACKET_LINK_IPV4, "Raw IPv4"},
    {229, PACKET_LINK_IPV6, "Raw IPv6"},
    {276, PACKET_LINK_SLL2, "Linux cooked v2"},
};

enum packet_link work_link(uint32_t linktype) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].linktype == linktype)
            return known[i].link;
    return PACKET_LINK_OTHER;
}

/* Numbers in files equal libpcap's own except where those differ between systems. */
static int libpcap_number(uint32_t linktype) {
    switch (linktype) {
    case 100:
        return DLT_ATM_RFC1483;
    case 102:
        return DLT_SLIP_BSDOS;
    case 103:
        return DLT_PPP_BSDOS;
    case 106:
        return DLT_ATM_CLIP;
    default:
        return (int)linktype;
    }
}

const char *work_link_name(uint32_t linktype) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].linktype == linktype)
            return known[i].name;
    return pcap_datalink_val_to_description(libpcap_number(linktype));
}

void work_capture_saw_link(struct work_capture *c, uint32_t linktype) {
    const char *name = work_link_name(linktype);
    if (c->link_name[0] && c->linktype != linktype)
        c->mixed = true;
    c->linktype = linktype;
    if (c->mixed)
        name = "per packet";
    if (name)
        snprintf(c->link_name, sizeof c->link_name, "%s", name);
    else
        snprintf(c->link_name, sizeof c->link_name, "unknown (%u)", linktype);
}
