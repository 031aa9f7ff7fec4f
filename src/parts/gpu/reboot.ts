// A restart of a node: the program on it that watches over the restart, and what a restart is for and against.
import { template } from '../../render.ts'
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import type { HostRebootOptions, RebootMode } from '../../resources/host-reboot-plan.ts'
import { REBOOT } from '../../resources/host-reboot-state.ts'
import type { Node, Site } from '../../site/site.ts'
import { REBUILD_SECONDS } from '../net/initramfs.ts'
import { getUnpinned } from '../net/pinning.ts'
import { getMachine } from './machine-read.ts'
import { getPending } from './pending.ts'
import { getClusterGuests, getNextKernel } from './restart-facts.ts'

const UNIT = 'orion-reboot-check.service'
const UNIT_FILE = `/etc/systemd/system/${UNIT}`
const ENABLED = 'reboot-enabled'
// One program, in two files: until the restart, and after it.
const pieces = ['gpu/orion-reboot', 'gpu/orion-reboot-return'].map((name) => template<object>(name))
const renderUnit = template<object>('gpu/orion-reboot-check')

// Not started now: it is for the next start, and would take what is new for what has been tried.
const ACTIVATE = `systemctl daemon-reload || exit
if [ -e ${UNIT_FILE} ]; then systemctl -q enable ${UNIT} && ${REBOOT} installed
else rm -f /etc/systemd/system/multi-user.target.wants/${UNIT}; fi`

/** What rebootSet reads. */
export const rebootSetFacts: Facts = {
  files: [REBOOT, UNIT_FILE],
  commands: { [ENABLED]: ['systemctl', 'is-enabled', UNIT] },
}

/**
 * The program and the unit that looks after every start. It stays on the node, as the guard does: alone it changes nothing.
 * `isNeeded`, pure: false where there is nothing to restart for.
 */
export function rebootSet({ name }: Node, wish: FileSet['wish'], isNeeded = (_: HostFacts) => true): FileSet {
  return {
    host: name,
    name: 'reboot',
    title: `what watches over a restart of ${name}`,
    wish,
    owned: true,
    files: (seen) =>
      isNeeded(seen)
        ? [
            { path: REBOOT, text: pieces.map((piece) => piece({})).join(''), mode: 0o755, opaque: true },
            { path: UNIT_FILE, text: renderUnit({}) },
          ]
        : [],
    drift: (seen) => {
      if (!isNeeded(seen)) return []
      const have = said(seen, ENABLED) ?? seen.commands.get(ENABLED)?.stdout.trim()
      return have === 'enabled' ? [] : [{ field: UNIT, have: have || 'unknown', want: 'enabled' }]
    },
    activate: [['sh', '-c', ACTIVATE, 'orion-reboot-unit']],
    // Its network does not change: a node that is busy has time.
    confirmWithinSeconds: REBUILD_SECONDS,
  }
}

export interface RestartOptions {
  readonly wish: FileSet['wish']
  readonly mode: RebootMode
  readonly absent: boolean
  readonly timing?: HostRebootOptions['timing']
}

/** The restart that the files of a node need. */
export function gpuReboot(
  site: Site,
  node: Node,
  { wish, mode, absent, timing = {} }: RestartOptions,
): HostRebootOptions {
  const { name } = node
  return {
    host: name,
    topic: 'gpu',
    needs: [`file-set:${name}/gpu`],
    wish,
    mode,
    window: node.rebootWindow,
    changes: ['gpu', 'pinning'],
    pending: (seen) => getPending(site, node, absent, seen),
    problems: (seen) => getRestartProblems(node, seen),
    disrupts: (seen) => `every guest during the restart${otherKernel(seen)}`,
    hint: `orion gpu ${absent ? 'undo' : 'apply'} --node ${name} --reboot now`,
    doctor: `orion gpu doctor --node ${name} tells what is in the way`,
    wayBack: `orion gpu undo --node ${name}`,
    isWayBack: absent,
    timing,
    answers: ({ pve }) => pve.cluster(name).api.nodes.$(name).status.$get(),
  }
}

/** A cluster takes a node that is away for dead; and names of ports that nobody keeps change with the kernel. Pure. */
export function getRestartProblems(node: Node, seen: HostFacts): readonly string[] {
  const { name } = node
  const guests = getClusterGuests(seen)
  const unpinned = isOtherKernel(seen) ? getUnpinned(node, seen) : []
  return [
    ...(guests.length === 0
      ? []
      : [
          `the cluster would restart ${guests.join(', ')} elsewhere: ha-manager crm-command node-maintenance enable ${name}`,
        ]),
    ...(unpinned.length === 0
      ? []
      : [
          `another kernel is next to start (${getNextKernel(seen)}), which may rename ${unpinned.join(', ')}: ` +
            `pinPorts: true in nodes.${name}, and orion net apply --node ${name}`,
        ]),
  ]
}

function isOtherKernel(seen: HostFacts): boolean {
  const { kernel, isTold } = getMachine(seen)
  const next = getNextKernel(seen)
  return isTold && next !== undefined && next !== kernel
}

function otherKernel(seen: HostFacts): string {
  return isOtherKernel(seen)
    ? `, and it starts kernel ${getNextKernel(seen)} instead of ${getMachine(seen).kernel}`
    : ''
}
