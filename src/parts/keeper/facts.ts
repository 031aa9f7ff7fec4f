// Everything that the Keeper's resources read of one node, as one wish: one round trip for all of them.
import type { FileSet } from '../../resources/file-set.ts'
import { NODE_NAME, wishOf } from '../../resources/host-facts.ts'
import type { Keeper } from '../../site/services.ts'
import { keeperFacts } from './service.ts'
import { watchdogHostFacts } from './watchdog.ts'

export function keeperWish(keeper: Keeper): FileSet['wish'] {
  return wishOf([NODE_NAME, keeperFacts(keeper), keeper.watchdog ? watchdogHostFacts(keeper.watchdog) : {}])
}
