// A run with nothing to do costs each host one connection and at most three round trips, as the hosts of the lab see it.
import assert from 'node:assert/strict'
import type { Ended } from './program.ts'
import { countTrips, HOSTS, MOST_CONNECTIONS, MOST_TRIPS } from './round-trips.ts'

const told = ({ code, stdout, stderr }: Ended): string => `ended with ${code}\n${stdout}\n${stderr}`

describe('round trips', function () {
  this.timeout(120_000)

  it(`${HOSTS} hosts with nothing to do: ${MOST_CONNECTIONS} connection and ${MOST_TRIPS} round trips each, at most`, async () => {
    const { building, idle, asked } = await countTrips()
    assert.equal(building.code, 0, told(building))
    assert.equal(idle.code, 0, told(idle))
    assert.match(idle.stdout, /0 to create, 0 to change/)
    assert.equal(asked.length, HOSTS)
    // A host that nobody asked was not looked at.
    for (const { node, connections, trips } of asked) {
      assert.ok(connections >= 1 && connections <= MOST_CONNECTIONS, `${node}: ${connections} connections`)
      assert.ok(trips >= 1 && trips <= MOST_TRIPS, `${node}: ${trips} round trips`)
    }
  })
})
