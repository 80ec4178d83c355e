/** Descriptor on which bwrap reports the pid of the process that it started (--info-fd). */
export const INFO_FD = 3
