// /cluster/backup: no backup jobs, and the error inside an error that a missing one gives.
import { failure } from '../refusal.ts'
import type { Routes } from '../route.ts'

function missing(): never {
  throw failure('400 Parameter verification failed.\nid: No such job')
}

export const backupRoutes: Routes = {
  'GET /cluster/backup': () => [],
  'GET /cluster/backup/{id}': missing,
  'PUT /cluster/backup/{id}': missing,
  'DELETE /cluster/backup/{id}': missing,
}
