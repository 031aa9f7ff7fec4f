// Proof that a host answers over SSH, with the name that the site file gives it.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

export function hostReachable(name: string): Probe {
  const expected = 'answers over ssh'
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const host = await outside.host(name)
    const { server } = await host.ends()
    return { state: 'ok', expected, seen: `answers over ssh at ${server}` }
  }
  return { id: `host-reachable:${name}`, title: name, run }
}
