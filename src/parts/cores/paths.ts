// Where the files of pinned cores lie on a node.

export const PROGRAM = '/usr/local/sbin/orion-cores'
/** What the program reads: who is on which CPUs. */
export const CORES_FILE = '/etc/orion/cores.conf'
/** One file per guest that has an affinity only because others have cores for themselves. */
export const MARKS = '/var/lib/orion/cores'
export const UNIT = 'orion-cores.service'
export const UNIT_FILE = `/etc/systemd/system/${UNIT}`
/** In the folder of snippets of a storage. */
export const HOOK = 'orion-cores.sh'
/** The node's own services, sessions and systemd itself. */
export const SLICES = ['system.slice', 'user.slice', 'init.scope'] as const
