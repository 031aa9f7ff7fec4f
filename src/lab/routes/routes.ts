// Every request that the lab simulates: one table per topic, put together.
import type { Routes } from '../route.ts'
import { setupRoutes } from '../windows-setup.ts'
import { accessRoutes } from './access.ts'
import { agentRoutes } from './agent.ts'
import { applianceRoutes } from './appliance.ts'
import { availabilityRoutes } from './availability.ts'
import { backupRoutes } from './backup.ts'
import { cloneRoutes } from './clone.ts'
import { cloudInitRoutes } from './cloud-init.ts'
import { clusterRoutes } from './cluster.ts'
import { containerRoutes } from './container.ts'
import { contentRoutes } from './content.ts'
import { hardwareRoutes } from './hardware.ts'
import { mappingRoutes } from './mapping.ts'
import { migrateRoutes } from './migrate.ts'
import { networkRoutes } from './network.ts'
import { poolRoutes } from './pool.ts'
import { powerRoutes } from './power.ts'
import { replicationRoutes } from './replication.ts'
import { resizeRoutes } from './resize.ts'
import { snapshotRoutes } from './snapshot.ts'
import { storageRoutes } from './storage.ts'
import { storageStatusRoutes } from './storage-status.ts'
import { taskRoutes } from './task.ts'
import { userRoutes } from './user.ts'
import { vmRoutes } from './vm.ts'

export const routes: Routes = {
  ...accessRoutes,
  ...agentRoutes,
  ...applianceRoutes,
  ...availabilityRoutes,
  ...backupRoutes,
  ...cloneRoutes,
  ...cloudInitRoutes,
  ...clusterRoutes,
  ...containerRoutes,
  ...contentRoutes,
  ...hardwareRoutes,
  ...mappingRoutes,
  ...migrateRoutes,
  ...networkRoutes,
  ...poolRoutes,
  ...powerRoutes,
  ...replicationRoutes,
  ...resizeRoutes,
  ...snapshotRoutes,
  ...storageRoutes,
  ...storageStatusRoutes,
  ...taskRoutes,
  ...userRoutes,
  ...vmRoutes,
  ...setupRoutes,
}
