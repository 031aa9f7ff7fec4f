// Makes the test hosts' file tree ahead of the tests: `node --import tsx test/hosts/prepare.ts`.
import { missingForHosts } from './nspawn.ts'
import { rootfs } from './rootfs.ts'

const reason = await missingForHosts()
process.stdout.write(`${reason ? `no test hosts here: ${reason}` : `test hosts stand on ${(await rootfs()).root}`}\n`)
