// Who may run on cores that are another's alone, and what runs in real time, by what a node says.
import assert from 'node:assert/strict'
import { coresProbes } from '../../../src/parts/cores/probes.ts'
import { fakeHost } from '../../resources/fake-host.ts'
import { coresSite } from './cores-site.ts'
import { RYZEN } from './topologies.ts'

const GOOD = `${RYZEN}vcpu 200 0 1 1 12
vcpu 200 1 1 1 13
vcpu 200 2 1 1 14
vcpu 200 3 1 1 15
other 200 0 0 28-31
vcpu 100 0 0 0 0-11
cgroup lxc 0-11,16-27
cgroup system.slice -
`

async function prove(said: string, isolateCores = false): Promise<string[]> {
  const site = coresSite([], { isolateCores })
  const [node] = site.nodes
  assert.ok(node)
  const { outside } = fakeHost({ programs: { cores: said } })
  const results = coresProbes(site, node).map(async ({ id, run }) => {
    const { state, seen } = await run(outside)
    return `${id} ${state}: ${seen}`
  })
  return Promise.all(results)
}

describe('parts/cores/probes', () => {
  const rows: [string, string, boolean, string[]][] = [
    [
      'all is as wanted',
      GOOD,
      false,
      ['exclusive-cores:n1 ok: nobody else may run there', 'realtime:n1/floor ok: all 4 so'],
    ],
    [
      'the node itself, where it shall keep off',
      GOOD,
      true,
      ['exclusive-cores:n1 failed: system.slice may run on CPUs 12-15,28-31', 'realtime:n1/floor ok: all 4 so'],
    ],
    [
      'guests of ours and of others, and containers',
      `${GOOD}vcpu 999 0 0 0 0-63\nother 100 0 0 11-12\n`.replace('lxc 0-11,16-27', 'lxc -'),
      false,
      [
        'exclusive-cores:n1 failed: brain may run on CPUs 12; VM 999, which is not of this site, may run on CPUs 12-15,28-31; containers may run on CPUs 12-15,28-31',
        'realtime:n1/floor ok: all 4 so',
      ],
    ],
    [
      'a guest that does not run',
      RYZEN,
      false,
      ['exclusive-cores:n1 ok: nobody else may run there', 'realtime:n1/floor unknown: does not run'],
    ],
  ]
  for (const [title, said, isolate, want] of rows)
    it(title, async () => assert.deepEqual(await prove(said, isolate), want))
})
