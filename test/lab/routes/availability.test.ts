import assert from 'node:assert/strict'
import { openBench } from '../requests.ts'

describe('lab/routes/availability', () => {
  const rows: [version: string, request: string, answer: string][] = [
    ['9.1.4', 'GET /cluster/ha/groups', '500 cannot index groups: ha groups have been migrated to rules\n'],
    ['9.1.4', 'POST /cluster/ha/groups', '500 cannot create group: ha groups have been migrated to rules\n'],
    ['9.1.4', 'DELETE /cluster/ha/groups/all', '500 cannot delete group: ha groups have been migrated to rules\n'],
    ['9.1.4', 'GET /cluster/ha/rules', 'no refusal'],
    ['8.4.14', 'GET /cluster/ha/groups', 'no refusal'],
    ['8.4.14', 'GET /cluster/ha/groups/all', "500 no such ha group 'all'\n"],
  ]
  for (const [version, request, answer] of rows) {
    it(`${request} on ${version}`, async () => {
      const bench = await openBench({ version })
      try {
        assert.equal(await bench.refusal(request), answer)
      } finally {
        await bench.close()
      }
    })
  }
})
