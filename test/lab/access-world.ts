// A world with one user, one token of it and an access list, for the tests of rights.
import type { Who } from '../../src/lab/route.ts'
import type { World, WorldState } from '../../src/lab/world.ts'
import { newWorldState } from '../../src/lab/world-file.ts'
import { hardware } from './lab-site.ts'

export type Entry = WorldState['access']['acl'][number]
export const user = (path: string, role: string, propagate = true): Entry => ({
  path,
  kind: 'user',
  ugid: 'a@pve',
  role,
  propagate,
})
export const token = (path: string, role: string): Entry => ({
  path,
  kind: 'token',
  ugid: 'a@pve!t',
  role,
  propagate: true,
})

export function worldWith(acl: Entry[], privsep = true, enable = true): World {
  const state = newWorldState(hardware)
  state.access.users['a@pve'] = { enable }
  state.access.tokens['a@pve!t'] = { secretHash: '', privsep, expire: 0 }
  state.access.acl = acl
  state.pools.mine = {}
  state.guests['100'] = {
    vmid: 100,
    kind: 'qemu',
    node: 'pve1',
    status: 'stopped',
    config: {},
    pending: {},
    pool: 'mine',
  }
  return { state, changed() {}, now: () => 0, pace: 0 }
}

export const a: Who = { user: 'a@pve' }
export const t: Who = { user: 'a@pve', token: 'a@pve!t' }
