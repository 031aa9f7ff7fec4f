// Makes what the test hosts and test guests stand on ahead of the tests: `node --import tsx test/hosts/prepare.ts`.
import { missingForHosts } from './nspawn.ts'
import { missingForGuests } from './qemu.ts'
import { guestImage } from './qemu-image.ts'
import { rootfs } from './rootfs.ts'

const say = (text: string): unknown => process.stdout.write(`${text}\n`)

const noHosts = await missingForHosts()
say(noHosts ? `no test hosts here: ${noHosts}` : `test hosts stand on ${(await rootfs()).root}`)
const noGuests = await missingForGuests()
say(noGuests ? `no test guests here: ${noGuests}` : `test guests start from ${(await guestImage()).saved.disk.file}`)
