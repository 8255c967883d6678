/* software_ops.h - what common functions cost on a core: cycles a message, and cycles a byte of
 * it as it comes to the core. The operations have the names that engines give them, so that one
 * word of a step moves the work from an engine to a core.
 *
 * Three kinds of core: a78 (Cortex-A78), a72 (Cortex-A72), x86 (a server's core of about 2016,
 * AES and AVX2 instructions but none for SHA). Cycles, not times: a clock is the block's. Each
 * row's source: docs/sources.md section 9.
 */
#ifndef MODELS_SOFTWARE_OPS_H
#define MODELS_SOFTWARE_OPS_H

/* X(name, what it is, cycles and cycles a byte on a78, on a72, on x86) */
#define SOFTWARE_OPS(X)                                                                        \
    X("forward", "receive and send a packet in poll mode, as l3fwd does", 250, 0, 375, 0, 166, \
      0)                                                                                       \
    X("drop", "receive a packet in poll mode and drop it", 125, 0, 188, 0, 83, 0)              \
    X("classify", "look a packet up in a few thousand rules, in software", 450, 0, 675, 0,     \
      300, 0)                                                                                  \
    X("conntrack", "receive a packet and track its connection", 3000, 0, 4500, 0, 2000, 0)     \
    X("track", "look a packet's connection up and bring it up to date", 1875, 0, 2813, 0,      \
      1250, 0)                                                                                 \
    X("route", "receive, look up a route and forward, in XDP", 1000, 0, 1500, 0, 672, 0)       \
    X("redirect", "receive and redirect a packet, in XDP", 625, 0, 940, 0, 417, 0)             \
    X("xdp-drop", "receive a packet and drop it, in XDP", 225, 0, 338, 0, 150, 0)              \
    X("kernel-receive", "receive a packet in the kernel, up to the first hook", 1125, 0, 1690, \
      0, 750, 0)                                                                               \
    X("kernel-forward", "forward a packet through the kernel", 3100, 0, 4650, 0, 2069, 0)      \
    X("ovs-cache", "software switch: forward a packet of a flow in the exact-match cache",     \
      375, 0, 563, 0, 250, 0)                                                                  \
    X("ovs-megaflow", "software switch: forward a packet that a few masks find", 1050, 0,      \
      1575, 0, 700, 0)                                                                         \
    X("ovs-upcall", "software switch in the kernel: ask user space about a packet", 40000, 0,  \
      60000, 0, 27000, 0)                                                                      \
    X("nvme-submit", "submit a request to a drive, in user space", 225, 0, 338, 0, 150, 0)     \
    X("nvme-complete", "take a drive's completion, in user space, by polling", 185, 0, 277, 0, \
      123, 0)                                                                                  \
    X("kernel-io-submit", "system call, block layer and driver: submit a request to a drive",  \
      3600, 0, 5400, 0, 2400, 0)                                                               \
    X("kernel-io-complete", "driver and block layer: take a drive's completion", 2400, 0,      \
      3600, 0, 1600, 0)                                                                        \
    X("nvme-emulate", "a card that shows itself as a drive: take a command", 1500, 0, 2250, 0, \
      1000, 0)                                                                                 \
    X("nvme-respond", "a card that shows itself as a drive: complete a command", 900, 0, 1350, \
      0, 600, 0)                                                                               \
    X("virtio-submit", "driver of a virtio block device, in user space: submit a request",     \
      225, 0, 338, 0, 150, 0)                                                                  \
    X("virtio-complete", "driver of a virtio block device, in user space: take its status",    \
      185, 0, 277, 0, 123, 0)                                                                  \
    X("virtio-emulate", "a card that shows itself as a virtio block device: take a request",   \
      1500, 0, 2250, 0, 1000, 0)                                                               \
    X("virtio-respond", "a card that shows itself as a virtio block device: complete it", 900, \
      0, 1350, 0, 600, 0)                                                                      \
    X("nvme-move", "a card that shows itself as a drive: have a request's data moved", 300, 0, \
      450, 0, 200, 0)                                                                          \
    X("nvmf-command", "serve NVMe-oF over RDMA, in user space: take a command", 1800, 0, 2700, \
      0, 1200, 0)                                                                              \
    X("nvmf-response", "serve NVMe-oF over RDMA, in user space: answer it", 1500, 0, 2250, 0,  \
      1000, 0)                                                                                 \
    X("kernel-nvmf-command", "serve NVMe-oF over RDMA, in the kernel: take a command", 7500,   \
      0, 11250, 0, 5000, 0)                                                                    \
    X("kernel-nvmf-response", "serve NVMe-oF over RDMA, in the kernel: answer it", 6000, 0,    \
      9000, 0, 4000, 0)                                                                        \
    X("nvmf-data", "serve NVMe-oF: the data of a write has come", 300, 0, 450, 0, 200, 0)      \
    X("raid-strip", "where a strip of an array of drives lies; block raid says it", 150, 0,    \
      225, 0, 100, 0)                                                                          \
    X("nvmf-tcp-command", "serve NVMe-oF over TCP, in user space: take a command's PDU", 9000, \
      0, 13500, 0, 6000, 0)                                                                    \
    X("nvmf-tcp-response", "serve NVMe-oF over TCP, in user space: answer by PDUs", 9000, 0.1, \
      13500, 0.144, 6000, 0.1)                                                                 \
    X("nvmf-tcp-send", "NVMe-oF over TCP, in user space: send a command's PDU", 4500, 0.1,     \
      6750, 0.144, 3000, 0.1)                                                                  \
    X("nvmf-tcp-receive", "NVMe-oF over TCP, in user space: take the answer's PDU", 4500, 0,   \
      6750, 0, 3000, 0)                                                                        \
    X("tcp-segment", "take a segment of data from TCP, or send one", 1500, 0.1, 2250, 0.144,   \
      1000, 0.1)                                                                               \
    X("crc32c", "a digest of NVMe over TCP", 50, 0.14, 75, 0.25, 33, 0.146)                    \
    X("copy", "copy a message in memory", 50, 0.1, 75, 0.144, 33, 0.1)                         \
    X("checksum", "compute or check a packet's checksums", 30, 0.13, 45, 0.25, 20, 0.125)      \
    X("complete", "take note of a completion: the way back of a call", 50, 0, 75, 0, 33, 0)

/* Operations on a message's bytes, as treat.h and scan.h do them.
 * software_tunnel.c has what an engine has not.
 * X(name, what it is, its fields, its verdicts, cycles and cycles a byte as above) */
#define SOFTWARE_TREATS(X)                                                                     \
    X("scan", "look for some hundred patterns in the payload", software_scan, "hit miss", 300, \
      5.6, 450, 8.4, 200, 3.74)                                                                \
    X("aes-gcm-encrypt", "encrypt with AES-256-GCM and authenticate", software_gcm,            \
      "nested too-long", 340, 1.06, 340, 1.41, 340, 1.04)                                      \
    X("aes-gcm-decrypt", "decrypt with AES-256-GCM and check", software_gcm, "not-sealed",     \
      340, 1.06, 340, 1.41, 340, 1.04)                                                         \
    X("aes-xts-encrypt", "encrypt with AES-256-XTS", software_fields, "nested", 200, 1, 200,   \
      1.2, 200, 0.94)                                                                          \
    X("aes-xts-decrypt", "decrypt with AES-256-XTS", software_fields, "not-sealed", 200, 1,    \
      200, 1.2, 200, 0.94)                                                                     \
    X("sha256", "digest by SHA-256", software_fields, "", 350, 2.31, 350, 2.31, 700, 7.8)      \
    X("sha512", "digest by SHA-512", software_fields, "", 1160, 7.51, 1160, 7.51, 890, 5.4)    \
    X("sha3-256", "digest by SHA3-256", software_fields, "", 1270, 7.9, 1830, 12, 1510, 9.6)   \
    X("esp-encap", "IPsec: wrap a packet into ESP, AES-256-GCM", software_esp,                 \
      "nested not-ip too-long", 790, 1.06, 1015, 1.41, 640, 1.04)                              \
    X("esp-decap", "IPsec: check and unwrap a packet, AES-256-GCM", software_mode,             \
      "not-sealed", 790, 1.06, 1015, 1.41, 640, 1.04)                                          \
    X("macsec-protect", "MACsec: protect a frame, AES-256-GCM", software_macsec, "nested",     \
      490, 1.06, 565, 1.41, 440, 1.04)                                                         \
    X("macsec-validate", "MACsec: check a frame, AES-256-GCM", software_macsec, "not-sealed",  \
      490, 1.06, 565, 1.41, 440, 1.04)                                                         \
    X("tls-encrypt", "TLS: make a record, AES-256-GCM", software_tls, "nested too-long", 740,  \
      1.06, 940, 1.41, 610, 1.04)                                                              \
    X("tls-decrypt", "TLS: open a record, AES-256-GCM", software_tls, "not-sealed", 740, 1.06, \
      940, 1.41, 610, 1.04)                                                                    \
    X("deflate-compress", "compress by DEFLATE, zlib's level 1", software_ratio,               \
      "nested too-long", 750, 83.3, 1125, 125, 500, 55.6)                                      \
    X("deflate-decompress", "decompress by DEFLATE; of what comes out, a byte",                \
      software_ratio, "not-sealed too-long", 750, 18.8, 1125, 28.1, 500, 12.5)                 \
    X("lz4-compress", "compress by LZ4", software_ratio, "nested too-long", 300, 10.1, 450,    \
      15.2, 200, 6.76)                                                                         \
    X("lz4-decompress", "decompress by LZ4; of what comes out, a byte", software_ratio,        \
      "not-sealed too-long", 300, 1.66, 450, 2.48, 200, 1.1)                                   \
    X("volume-write", "a volume's map: where the data goes, as it is now", software_store, "", \
      750, 0, 1125, 0, 500, 0)                                                                 \
    X("volume-read", "a volume's map: where the data is, and how large", software_load, "",    \
      750, 0, 1125, 0, 500, 0)                                                                 \
    X("dedup-hash", "fingerprint of a block for deduplication, SHA-256", software_dedup,       \
      "duplicate", 350, 2.31, 350, 2.31, 700, 7.8)                                             \
    X("vxlan-encap", "put VXLAN headers around a packet", software_vxlan, "nested too-long",   \
      150, 0, 225, 0, 100, 0)                                                                  \
    X("vxlan-decap", "take VXLAN headers off a packet", software_fields, "not-tunnel", 150, 0, \
      225, 0, 100, 0)                                                                          \
    X("geneve-encap", "put Geneve headers around a packet", software_geneve,                   \
      "nested too-long", 150, 0, 225, 0, 100, 0)                                               \
    X("geneve-decap", "take Geneve headers off a packet", software_fields, "not-tunnel", 150,  \
      0, 225, 0, 100, 0)                                                                       \
    X("kernel-esp-encap", "forward a packet through the kernel into an IPsec tunnel",          \
      software_esp, "nested not-ip too-long", 22800, 1.06, 34200, 1.41, 15200, 1.04)           \
    X("kernel-esp-decap", "forward a packet through the kernel out of an IPsec tunnel",        \
      software_mode, "not-sealed", 22800, 1.06, 34200, 1.41, 15200, 1.04)                      \
    X("raid6", "P and Q of a stripe; a byte of its data", software_raid6, "", 100, 0.22, 100,  \
      0.33, 100, 0.17)                                                                         \
    X("erasure", "Reed-Solomon parities of a stripe; a byte of its data, each parity",         \
      software_erasure, "", 100, 0.24, 100, 0.36, 100, 0.14)                                   \
    X("raid6-rebuild", "lost parts of a stripe by P and Q; a byte of data, each part",         \
      software_raid6_rebuild, "", 100, 0.11, 100, 0.17, 100, 0.085)                            \
    X("erasure-rebuild", "lost parts of a Reed-Solomon stripe; a byte of data, each part",     \
      software_rebuild, "", 100, 0.24, 100, 0.36, 100, 0.14)

/* Operations that one block has only, with arguments or queues of their own. */
#define SOFTWARE_OPS_OF_CORES(X)                                                               \
    X("upcall", "handle a flow miss and insert the flow's rule", 4000, 0, 6000, 0, 2700, 0)
#define SOFTWARE_OP_RX(X) X("rx", "take a packet from the receive ring", 125, 0, 188, 0, 83, 0)
#define SOFTWARE_OP_WRITE(X)                                                                   \
    X("write", "take what an application sends through the stack", 1125, 0, 1690, 0, 750, 0)
#define SOFTWARE_OP_TX(X) X("tx", "post a packet to send", 125, 0, 188, 0, 83, 0)

#endif
