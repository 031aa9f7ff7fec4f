// tailscaled on a simulated host: its settings as systemd reads them for it, and the port that it takes.
import { type HostState, textAt } from '../host/state.ts'
import { tailscaleOf } from './tailscale-state.ts'

export const DEFAULTS = '/etc/default/tailscaled'

/** What went wrong; undefined = it runs. Its login is that of before. */
export function startTailscaled(host: HostState): string | undefined {
  const text = textAt(host, DEFAULTS)
  if (text === undefined) return 'Failed to load environment files: No such file or directory'
  const port = [...text.matchAll(/^PORT=(["']?)(.*)\1[ \t]*$/gm)].at(-1)?.[2] ?? ''
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return `invalid value "${port}" for flag -port: parse error`
  tailscaleOf(host).port = freePort(host, Number(port))
  return undefined
}

/** One that is taken is no reason to stop: it has any other then, which nobody told the firewall of. */
function freePort(host: HostState, port: number): number {
  const isTaken = port === 0 || Object.values(host.mesh?.tunnels ?? {}).some((tunnel) => tunnel.port === port)
  return isTaken ? 40_000 + (port % 1000) : port
}
