// What VMs and containers answer differently when their configuration changes; the rest of a change is common to both.
import type { Call } from './route.ts'
import type { Job } from './tasks.ts'
import type { GuestState, World } from './world.ts'

export interface ConfigRules {
  readonly kind: GuestState['kind']
  /** Keys that cannot be deleted. */
  readonly required: RegExp
  /** May this key be named in `delete` and `revert`? */
  isKnown(key: string): boolean
  /** Throws unless the caller may set the key to the value, or delete it (undefined). Changes nothing. */
  checkRights(call: Call, guest: GuestState, key: string, value: string | number | undefined): void
  /** Throws where a change contradicts itself or the guest as a whole. */
  checkWhole?(guest: GuestState, settings: Readonly<Record<string, unknown>>, deletes: readonly string[]): void
  /** What else changes, as pending, when a key is deleted. */
  forget?(guest: GuestState, key: string): void
  /** Makes what a value asks for, volumes too, and gives what is kept. */
  place(
    world: World,
    guest: GuestState,
    key: string,
    value: unknown,
    job?: Pick<Job, 'log' | 'take'>,
  ): Promise<string | number>
  /** Does the running guest take the change (null = it goes) at once? Throws where trying that fails. */
  hotplugs(call: Call, guest: GuestState, key: string, value: string | number | null): boolean
  /** The guest's own volume that a value names. */
  volumeOf(key: string, value: string | number): string | undefined
}
