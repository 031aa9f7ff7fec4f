// The flags of commands that restart nodes for their devices.
import { custom, integer, option } from '@oclif/core/flags'
import { applyFlags, nodes, planOutFlags, toSeconds } from './flags.ts'

/** `never` is the default: what waits for a restart is said. */
const reboot = option({
  options: ['now', 'window', 'never'] as const,
  summary: 'Restart a node where that is needed: now, by itself in its rebootWindow, or never (default).',
})()

const confirmWithin = custom<number>({
  summary:
    'A node that restarted puts the old files back, and restarts once more, unless orion gets to it within this time (default: 10m).',
  helpValue: 'DURATION',
  parse: toSeconds,
})()

const away = integer({
  summary: 'How long a node may be away while it restarts, in minutes.',
  helpValue: 'MINUTES',
  min: 1,
  max: 120,
  default: 15,
})

const { 'dry-run': dryRun, yes, restart, ...more } = applyFlags

/** On gpu apply. */
export const gpuApplyFlags = {
  node: nodes,
  reboot,
  'confirm-within': confirmWithin,
  away,
  'dry-run': dryRun,
  yes,
  restart,
  ...more,
}

/** On gpu plan: what these say changes what the plan is. */
export const gpuPlanFlags = { node: nodes, reboot, restart, ...more, ...planOutFlags }

/** As gpuOf of parts/gpu.ts takes them. */
export function toGpuOptions(flags: {
  readonly node: readonly string[] | undefined
  readonly reboot: 'now' | 'window' | 'never' | undefined
  readonly 'confirm-within'?: number | undefined
  readonly away?: number | undefined
}) {
  const { node, reboot = 'never', away: awayMinutes } = flags
  return { nodes: node, reboot, guestless: true, confirmWithinSeconds: flags['confirm-within'], awayMinutes }
}
