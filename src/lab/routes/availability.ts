// /cluster/ha: nothing is managed by it in the lab, and version 9 has no groups any more.
import { failure } from '../refusal.ts'
import type { Call, Routes } from '../route.ts'

function groups({ world }: Call): unknown {
  if (Number.parseInt(world.state.hardware.version, 10) >= 9) {
    throw failure('cannot index groups: ha groups have been migrated to rules')
  }
  return []
}

export const availabilityRoutes: Routes = {
  'GET /cluster/ha': () => ['groups', 'resources', 'rules', 'status'].map((id) => ({ id })),
  'GET /cluster/ha/resources': () => [],
  'GET /cluster/ha/groups': groups,
  'GET /cluster/ha/rules': () => [],
  'GET /cluster/ha/status': () => [{ name: 'current' }, { name: 'manager_status' }],
  'GET /cluster/ha/status/current': () => [{ id: 'quorum', type: 'quorum', node: '', status: 'OK', quorate: 1 }],
}
