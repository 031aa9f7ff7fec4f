// An orion that is in the middle of a guarded change, to be killed: takes the host's place and the change as JSON, says each note on stdout.
import { connectHost } from '../../src/host/connect.ts'

const { place, change } = JSON.parse(process.argv[2] ?? '{}')
const host = connectHost({ ...place, signal: new AbortController().signal })
await host.guard.change(change, {
  note: (text) => process.stdout.write(`${text}\n`),
  prove: async () => {
    process.stdout.write('proving\n')
    return ['not yet']
  },
})
