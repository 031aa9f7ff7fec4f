// Proof that a host answers over SSH, with the name that the site file gives it.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

type GetHost = (outside: Outside) => ReturnType<Outside['host']>

/** `getHost`: of a guest, whose power state says more than a connection that fails. */
export function hostReachable(name: string, getHost: GetHost = (outside) => outside.host(name)): Probe {
  const expected = 'answers over ssh'
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const host = await getHost(outside)
    const { server } = await host.ends()
    return { state: 'ok', expected, seen: `answers over ssh at ${server}` }
  }
  return { id: `host-reachable:${name}`, title: name, run }
}
