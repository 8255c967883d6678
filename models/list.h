/* list.h - every model, one line each, in the order of the alphabet. Included with MODEL
 * defined as what is wanted of each; no guard, because that happens more than once. */
MODEL(acl)
MODEL(conntrack)
MODEL(cores)
MODEL(dram)
MODEL(ethernet)
MODEL(host)
MODEL(megaflow)
MODEL(mesh)
MODEL(nic)
MODEL(pcie)
MODEL(scheduler)
MODEL(server)
