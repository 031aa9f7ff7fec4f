// Swap on a simulated host: what is in use, and the units that start it.
import { failed, type Machine, ok, type Program } from './machine.ts'
import { type HostState, textAt } from './state.ts'

const DEVICE_BYTES = 8 * 1024 ** 3

export function memoryMib({ world, node }: Machine): number {
  return world.state.hardware.nodes.find(({ name }) => name === node)?.memoryMib ?? 0
}

/** /proc/swaps */
export function swapsText({ host }: Machine): string {
  const rows = Object.entries(host.swaps).map(([path, { kind, bytes, priority }]) => {
    return `${path.padEnd(40)}${kind.padEnd(16)}${Math.floor(bytes / 1024)}\t\t0\t\t${priority}\n`
  })
  return `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n${rows.join('')}`
}

const swapon: Program = (machine, args) => {
  if (!args.some((arg) => arg.startsWith('--show'))) return failed(1, 'swapon: the lab only shows swap: swapon --show')
  const raw = Object.entries(machine.host.swaps).map(([path, { kind, bytes, priority }]) => {
    return `${path} ${kind} ${bytes} 0 ${priority}\n`
  })
  const head = args.includes('--noheadings') ? '' : 'NAME TYPE SIZE USED PRIO\n'
  return ok(raw.length === 0 ? '' : head + raw.join(''))
}

const swapoff: Program = ({ host, world }, [path = '']) => {
  if (!host.swaps[path]) return failed(4, `swapoff: ${path}: swapoff failed: Invalid argument`)
  delete host.swaps[path]
  world.changed()
  return ok()
}

function placeOf(host: HostState, unit: string): { path: string; priority: number } | undefined {
  const text = textAt(host, `/etc/systemd/system/${unit}`)
  const path = /^What=(.*)$/m.exec(text ?? '')?.[1]?.replaceAll('%%', '%')
  return path === undefined ? undefined : { path, priority: Number(/^Priority=(.*)$/m.exec(text ?? '')?.[1] ?? -2) }
}

/** Swaps to what a unit names; what systemd says where there is no such unit. */
export function startSwap(host: HostState, unit: string): string | undefined {
  const place = placeOf(host, unit)
  if (!place) return `Failed to start ${unit}: Unit ${unit} not found.`
  const { path, priority } = place
  const kind = path.startsWith('/dev/') ? 'partition' : 'file'
  host.swaps[path] ??= { kind, bytes: host.formatted?.[path] ?? DEVICE_BYTES, priority }
  return undefined
}

export function stopSwap(host: HostState, unit: string): void {
  const path = unit === 'dev-zram0.swap' ? '/dev/zram0' : placeOf(host, unit)?.path
  if (path !== undefined) delete host.swaps[path]
}

export const swapPrograms: Readonly<Record<string, Program>> = { swapon, swapoff }
