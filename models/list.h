/* list.h - every model, one line each, in the order of the alphabet. Included with MODEL
 * defined as what is wanted of each; no guard, because that happens more than once. */
MODEL(acl)
MODEL(cores)
MODEL(dram)
MODEL(engine)
MODEL(ethernet)
MODEL(host)
MODEL(mesh)
MODEL(nic)
MODEL(pcie)
MODEL(regex)
MODEL(server)
