// The ways out for a router that is a guest: the lists of the API say whether it runs, and a fake host is behind it.
import { fakeCluster } from './fake-cluster.ts'
import { type FakeHost, type FakeHostOptions, fakeHost } from './fake-host.ts'

export interface RouterOptions extends FakeHostOptions {
  /** `absent`, or as the API says it; default running for long. */
  readonly status?: string
}

/** VM 200 `router` on n1, of the site `Lab` (test-site.ts). */
export function routerOutside({ status = 'running', ...options }: RouterOptions = {}): FakeHost {
  const fake = fakeHost({ name: 'router', ...options })
  const there =
    status === 'absent' ? [] : [{ vmid: 200, name: 'router', status, tags: 'orion;orion-lab', uptime: 9000 }]
  const { outside } = fakeCluster({
    'GET /cluster/resources': there.map(({ name }) => ({ id: 'qemu/200', type: 'qemu', node: 'n1', name })),
    'GET /nodes/n1/qemu': there,
  })
  return { ...fake, outside: { ...fake.outside, pve: outside.pve } }
}
