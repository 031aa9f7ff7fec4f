// What a run with nothing to do asks of ten hosts: connections and round trips of the host that was asked most.
import { countTrips, HOSTS, MOST_CONNECTIONS, MOST_TRIPS } from '../real/round-trips.ts'
import type { Figure } from './measure.ts'

/** Errors: where a run fails, there is nothing to count. */
export async function roundTrips(): Promise<Figure[]> {
  const { building, idle, asked } = await countTrips()
  for (const { code, stderr } of [building, idle]) if (code !== 0) throw new Error(`orion: ${stderr.slice(-2000)}`)
  const most = (counts: readonly number[]) => Math.max(...counts)
  const what = `nothing to do on ${HOSTS} hosts`
  return [
    { name: `${what}: time`, value: idle.ms / 1000, unit: 's' },
    {
      name: `${what}: connections to one host`,
      value: most(asked.map(({ connections }) => connections)),
      unit: '',
      most: MOST_CONNECTIONS,
    },
    {
      name: `${what}: round trips to one host`,
      value: most(asked.map(({ trips }) => trips)),
      unit: '',
      most: MOST_TRIPS,
    },
  ]
}
