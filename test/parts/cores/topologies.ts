// Processors of nodes, as orion-cores-look shows them.

interface Shape {
  readonly cpu: number
  readonly siblings: string
  readonly socket?: number
  readonly node?: number
  readonly online?: boolean
}

const lines = (shapes: readonly Shape[], kinds = ''): string =>
  shapes
    .map(
      ({ cpu, siblings, socket = 0, node = 0, online = true }) =>
        `cpu ${cpu} ${online ? 1 : 0} ${online ? siblings : '-'} ${online ? socket : '-'} ${node}\n`,
    )
    .join('') + kinds

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at)

/** 16 cores, 32 threads: CPU n and n + 16 are one core. */
export const RYZEN = lines(range(32).map((cpu) => ({ cpu, siblings: `${cpu % 16},${(cpu % 16) + 16}` })))

/** Two sockets of 12 cores, 48 threads: even CPUs in the first, odd ones in the second; n and n + 24 are one core. */
export const DUAL = lines(
  range(48).map((cpu) => ({ cpu, siblings: `${cpu % 24},${(cpu % 24) + 24}`, socket: cpu % 2, node: cpu % 2 })),
)

/** 8 performance cores with two threads each, next to each other, and 16 efficient ones. */
export const HYBRID = lines(
  range(32).map((cpu) => ({ cpu, siblings: cpu < 16 ? `${cpu - (cpu % 2)}-${cpu - (cpu % 2) + 1}` : `${cpu}` })),
  'kind core 0-15\nkind atom 16-31\n',
)

/** 8 cores, no SMT. */
export const PLAIN = lines(range(8).map((cpu) => ({ cpu, siblings: `${cpu}` })))

/** 8 cores, 16 threads; CPUs 3, 11 (one core) and 13 (a sibling of 5) are offline. */
export const OFFLINE = lines(
  range(16).map((cpu) => ({
    cpu,
    siblings: cpu === 5 ? '5' : `${cpu % 8},${(cpu % 8) + 8}`,
    online: ![3, 11, 13].includes(cpu),
  })),
)

export const SINGLE = lines([{ cpu: 0, siblings: '0' }])
