// A second process for lock.test.ts: takes the lock, says so, and holds it until it is killed or told to let go.
import { lockSite } from '../../src/engine/lock.ts'

const [dir = '', command = ''] = process.argv.slice(2)
try {
  const lock = await lockSite(dir, { site: 'test', command })
  process.stdout.write('held\n')
  process.stdin.once('data', () => lock.release().then(() => process.exit(0)))
} catch (error) {
  process.stdout.write(`refused ${error instanceof Error ? error.message : ''}\n`)
  process.exit(1)
}
