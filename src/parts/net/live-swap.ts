// What a host swaps to right now.
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'

export interface LiveSwap {
  readonly sizeKib: number
  readonly priority: number
}

export const liveSwapFacts: Facts = { commands: { swaps: ['cat', '/proc/swaps'] } }

/** By the path as the kernel names it: links resolved, `/dev/dm-0` for a logical volume. */
export function getLiveSwaps(seen: HostFacts): ReadonlyMap<string, LiveSwap> {
  const rows = (said(seen, 'swaps') ?? '').matchAll(/^(\/\S+)\s+\S+\s+(\d+)\s+\d+\s+(-?\d+)$/gm)
  return new Map(
    [...rows].map(([, path = '', size, priority]) => [
      // proc(5): blanks and the like are octal.
      path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
      { sizeKib: Number(size), priority: Number(priority) },
    ]),
  )
}
