// Makes what the test hosts, test guests and real daemons stand on ahead of the tests: `node --import tsx test/hosts/prepare.ts`.
import { missingForDaemons } from '../daemons/daemons.ts'
import { missingForHosts } from './nspawn.ts'
import { missingForGuests } from './qemu.ts'
import { gpuImage, guestImage } from './qemu-image.ts'
import { rootfs } from './rootfs.ts'

const say = (text: string): unknown => process.stdout.write(`${text}\n`)

const noHosts = await missingForHosts()
say(noHosts ? `no test hosts here: ${noHosts}` : `test hosts stand on ${(await rootfs()).root}`)
const noDaemons = await missingForDaemons()
say(noDaemons ? `no real daemons here: ${noDaemons}` : 'real daemons are in the cache')
const noGuests = await missingForGuests()
say(noGuests ? `no test guests here: ${noGuests}` : `test guests start from ${(await guestImage()).saved.disk.file}`)
if (!noGuests) say(`those with graphics cards start from ${(await gpuImage()).saved.disk.file}`)
