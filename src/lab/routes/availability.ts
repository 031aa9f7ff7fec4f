// /cluster/ha: nothing is managed by it in the lab, and version 9 has no groups any more.
import { failure } from '../refusal.ts'
import type { Handler, Routes } from '../route.ts'

/** What version 9 answers to everything about groups; version 8 has none. */
function groups(what: string): Handler {
  return ({ world, ids, method }) => {
    if (Number.parseInt(world.state.hardware.version, 10) >= 9) {
      throw failure(`cannot ${what}: ha groups have been migrated to rules`)
    }
    if (ids.group !== undefined) throw failure(`no such ha group '${ids.group}'`)
    if (method === 'POST') throw failure('groups of high availability are not simulated by the lab')
    return []
  }
}

export const availabilityRoutes: Routes = {
  'GET /cluster/ha': () => ['groups', 'resources', 'rules', 'status'].map((id) => ({ id })),
  'GET /cluster/ha/resources': () => [],
  'GET /cluster/ha/groups': groups('index groups'),
  'POST /cluster/ha/groups': groups('create group'),
  'GET /cluster/ha/groups/{group}': groups('read group'),
  'PUT /cluster/ha/groups/{group}': groups('update group'),
  'DELETE /cluster/ha/groups/{group}': groups('delete group'),
  'GET /cluster/ha/rules': () => [],
  'GET /cluster/ha/status': () => [{ name: 'current' }, { name: 'manager_status' }],
  'GET /cluster/ha/status/current': () => [{ id: 'quorum', type: 'quorum', node: '', status: 'OK', quorate: 1 }],
}
