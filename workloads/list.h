/* list.h - every traffic source, one line each: X(NAME) is model work_source_NAME.
 *
 * No guard: whoever includes it defines X first and undefines it after.
 */
X(block)
X(dma)
X(fio)
X(pcap)
X(synthetic)
