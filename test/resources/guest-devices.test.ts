// The devices of a guest: given only where nobody else has them, and the guest starts only with them.
import assert from 'node:assert/strict'
import type { Difference } from '../../src/resource.ts'
import { deviceMapping } from '../../src/resources/device-mapping.ts'
import { guestDevices } from '../../src/resources/guest-devices.ts'
import { deviceWorld, MAPPING, type World, type WorldOptions } from './device-world.ts'

const CARD = 'mapping=rtx,pcie=1'
const STOPPED = { vmid: 100, running: false, config: {} }

interface Options {
  readonly alone?: boolean
  readonly absent?: boolean
  readonly restart?: boolean
  readonly restarts?: boolean
  readonly guestless?: boolean
}

function resourceOf(world: World, options: Options = {}) {
  const { alone = false, absent = false, restart = false, restarts = false, guestless = false } = options
  return guestDevices(world.guest('brain'), [world.look], {
    wishes: { restart },
    needs: [],
    absent,
    coming: { guest: !guestless, mapping: !alone, restart: restarts },
  })
}

const show = ({ field, have = '-', want = '-', waits, hint }: Difference) =>
  `${field} ${have}→${want}${waits ? ` !${waits}` : ''}${waits === 'operator' ? ` ${hint}` : ''}`

async function diff(world: World, options?: Options): Promise<string[]> {
  world.outside.forget()
  const resource = resourceOf(world, options)
  return resource.diff(await resource.observe(world.outside)).map(show)
}

async function apply(world: World, options?: Options): Promise<string[]> {
  world.outside.forget()
  const resource = resourceOf(world, options)
  const have = await resource.observe(world.outside)
  assert.ok(have)
  await resource.update(world.outside, have, world.note)
  return world.writes.splice(0)
}

const GIVEN = 'hostpci0 -→mapping=rtx,pcie=1 (VFIO)'

interface Row {
  readonly title: string
  readonly world: WorldOptions
  readonly options?: Options
  readonly differences: readonly string[]
  readonly writes?: readonly string[]
}

const blocked = (hint: string) => [`${GIVEN} !operator ${hint}`, `status stopped→running !operator ${hint}`]

const ROWS: readonly Row[] = [
  { title: 'as wanted', world: {}, differences: [] },
  {
    title: 'nobody has it: given, then started',
    world: { there: [STOPPED] },
    differences: [GIVEN, 'balloon 1024→0', 'status stopped→running'],
    writes: [`set brain hostpci0=${CARD} balloon=0`, 'start brain'],
  },
  {
    title: 'a guest that does not start on boot gets it, too',
    world: { there: [STOPPED], guests: [{ started: false }] },
    differences: [GIVEN, 'balloon 1024→0'],
    writes: [`set brain hostpci0=${CARD} balloon=0`],
  },
  {
    title: 'it starts on boot from now on',
    world: { there: [STOPPED], guests: [{ onboot: true }] },
    differences: [GIVEN, 'balloon 1024→0', 'onboot 0→1', 'status stopped→running'],
    writes: [`set brain hostpci0=${CARD} balloon=0 onboot=1`, 'start brain'],
  },
  {
    title: 'the node restarts in this run: it is nothing to wait for, and nothing is written before',
    world: { there: [STOPPED], sight: { reboot: 'no IOMMU works for 0000:01:00' } },
    options: { restarts: true },
    differences: [GIVEN, 'balloon 1024→0', 'status stopped→running'],
    writes: [],
  },
  {
    title: 'not there, and made in this run',
    world: { unmade: [100] },
    differences: [GIVEN, 'balloon -→0', 'status -→running'],
  },
  {
    title: 'not there, and made by others: waited for',
    world: { unmade: [100] },
    options: { guestless: true },
    differences: ['brain not there→made first !operator orion vm apply --only brain'],
  },
  {
    title: 'a running guest: stored, and its restart is asked for',
    world: { there: [{ ...STOPPED, running: true }] },
    differences: [GIVEN, 'balloon 1024→0'],
    writes: [`set brain hostpci0=${CARD} balloon=0`],
  },
  {
    title: 'a running guest, with --restart',
    world: { there: [{ ...STOPPED, running: true }] },
    options: { restart: true },
    differences: [GIVEN, 'balloon 1024→0'],
    writes: [`set brain hostpci0=${CARD} balloon=0`, 'stop brain', 'start brain'],
  },
  {
    title: 'stored, and it still runs without',
    world: { there: [{ ...STOPPED, running: true, config: { balloon: '0' }, pending: { hostpci0: CARD } }] },
    differences: ['hostpci0 -→mapping=rtx,pcie=1 (VFIO) !restart'],
  },
  {
    title: 'options that somebody else set stay',
    world: { there: [{ ...STOPPED, running: true, config: { hostpci3: 'mapping=rtx,x-vga=1', balloon: '0' } }] },
    differences: ['hostpci3 mapping=rtx,pcie=0→mapping=rtx,pcie=1 (VFIO)'],
    writes: [`set brain hostpci3=mapping=rtx,pcie=1,x-vga=1`],
  },
  {
    title: 'given raw, by hand: made a mapping over the root channel',
    world: { there: [{ ...STOPPED, running: true, config: { hostpci0: '0000:01:00,pcie=1', balloon: '0' } }] },
    differences: ['hostpci0 host=0000:01:00,pcie=1→mapping=rtx,pcie=1 (VFIO)'],
    writes: [`root set brain hostpci0=${CARD}`],
  },
  {
    title: 'the first free number',
    world: { there: [{ ...STOPPED, config: { hostpci0: '0000:02:00' } }], guests: [{ started: false }] },
    differences: ['hostpci1 -→mapping=rtx,pcie=1 (VFIO)', 'balloon 1024→0'],
    writes: [`set brain hostpci1=${CARD} balloon=0`],
  },
  {
    title: 'its standby has it',
    world: { there: [STOPPED, { vmid: 110, running: true, config: { hostpci0: CARD } }] },
    differences: blocked('district has it: orion gpu move rtx brain'),
    writes: [],
  },
  {
    title: 'its standby has it and does not run: a move that broke off has two ways on',
    world: { there: [STOPPED, { vmid: 110, running: false, config: { hostpci0: CARD } }] },
    differences: blocked(
      'district has it, and does not run: on with orion gpu move rtx district, or back with orion gpu move rtx brain',
    ),
    writes: [],
  },
  {
    title: 'its standby runs with it, and gives it away with its next stop only',
    world: { there: [STOPPED, { vmid: 110, running: true, config: { hostpci0: CARD }, pending: { hostpci0: null } }] },
    differences: blocked('district has it: orion gpu move rtx brain'),
    writes: [],
  },
  {
    title: 'its standby has it, and the site lets this one run without',
    world: { device: { yields: 'run' }, there: [STOPPED, { vmid: 110, running: true, config: { hostpci0: CARD } }] },
    differences: [`${GIVEN} !operator district has it: orion gpu move rtx brain`, 'status stopped→running'],
    writes: ['start brain'],
  },
  {
    title: 'somebody outside of the site has it, raw',
    world: { there: [STOPPED, { vmid: 900, running: false, config: { name: 'x', hostpci2: '01:00,x-vga=1' } }] },
    differences: blocked('x (VMID 900 on n1) has it and is not of this site: take it away there'),
    writes: [],
  },
  {
    title: 'both have it: neither starts',
    world: {
      there: [
        { ...STOPPED, config: { hostpci0: CARD, balloon: '0' } },
        { vmid: 110, running: true, config: { hostpci0: CARD } },
      ],
    },
    differences: [
      'rtx brain and district→brain !operator district has it, too: orion gpu move rtx brain',
      'status stopped→running !operator district has it, too: orion gpu move rtx brain',
    ],
    writes: [],
  },
  {
    title: 'the node must be restarted first',
    world: { there: [STOPPED], sight: { reboot: 'no IOMMU works for 0000:01:00' } },
    differences: blocked('no IOMMU works for 0000:01:00: orion gpu apply --node n1 --reboot now'),
    writes: [],
  },
  {
    title: 'it has it already, and the node is not ready: it does not start',
    world: {
      there: [{ ...STOPPED, config: { hostpci0: CARD, balloon: '0' } }],
      sight: { lost: '0000:01:00.0 does not answer' },
    },
    differences: [
      'status stopped→running !operator 0000:01:00.0 does not answer: orion gpu apply --node n1 --reboot now',
    ],
    writes: [],
  },
  {
    title: 'the host needs what is beside it',
    world: { there: [STOPPED], sight: { problem: 'the host needs eth0' } },
    differences: blocked('the host needs eth0: orion gpu doctor --node n1'),
    writes: [],
  },
  {
    title: 'no mapping, and nothing of this run makes one',
    world: { there: [STOPPED], mapping: null },
    options: { alone: true },
    differences: blocked('rtx has no mapping on n1 yet: orion gpu apply --node n1'),
    writes: [],
  },
  {
    title: 'a mapping without this node is none',
    world: { there: [STOPPED], mapping: 'node=n2,path=0000:01:00,id=10de:2204' },
    options: { alone: true },
    differences: blocked('rtx has no mapping on n1 yet: orion gpu apply --node n1'),
  },
  {
    title: 'undo: out of the configuration, and the balloon back',
    world: { there: [{ ...STOPPED, config: { hostpci0: CARD, balloon: '0' } }] },
    options: { absent: true },
    differences: ['hostpci0 mapping=rtx,pcie=1→-', 'balloon 0→1024'],
    writes: ['set brain balloon=1024 -hostpci0'],
  },
  {
    title: 'undo: nothing to take away',
    world: { there: [STOPPED] },
    options: { absent: true },
    differences: [],
    writes: [],
  },
]

describe('guestDevices', () => {
  for (const { title, world: options, options: how, differences, writes } of ROWS) {
    it(title, async () => {
      const world = deviceWorld(options)
      assert.deepEqual(await diff(world, how), differences)
      if (writes) assert.deepEqual(await apply(world, how), writes)
      assert.ok(world.holders().length <= 2)
    })
  }

  it('looks again right before it writes', async () => {
    const world = deviceWorld({ there: [STOPPED] })
    const resource = resourceOf(world)
    const have = await resource.observe(world.outside)
    const district = world.guests.get(110)
    assert.ok(have && district)
    district.config.hostpci0 = CARD
    await resource.update(world.outside, have, world.note)
    assert.deepEqual([world.writes, world.holders()], [[], [110]])
  })
})

describe('a container and USB', () => {
  it('dev0 over the root channel, for a path of the host', async () => {
    const world = deviceWorld({
      device: { path: '/dev/apex_0', standby: [] },
      guests: [{ kind: 'ct' }],
      there: [{ vmid: 100, kind: 'ct', running: true, config: { hostname: 'brain' } }],
    })
    assert.deepEqual(await diff(world), ['dev0 -→/dev/apex_0 (the host drives it)'])
    assert.deepEqual(await apply(world), ['root set brain dev0=/dev/apex_0'])
    assert.deepEqual(await diff(world), ['dev0 -→/dev/apex_0 (the host drives it) !restart'])
    assert.deepEqual(await apply(world, { restart: true }), ['stop brain', 'start brain'])
    assert.deepEqual(await diff(world), [])
  })

  const usb = { port: '1-4', standby: [] }
  it('by mapping where its id never changes, by port where it does', async () => {
    const one = deviceWorld({ device: usb, there: [{ ...STOPPED, running: true }], mapping: null })
    assert.deepEqual(await diff(one), ['usb0 -→mapping=rtx,usb3=1 (USB port 1-4)'])
    const two = deviceWorld({
      device: { ...usb, ids: ['1a6e:089a', '18d1:9302'] },
      there: [{ ...STOPPED, running: true }],
    })
    const [text] = await diff(two, { alone: true })
    assert.equal(text, 'usb0 -→host=1-4,usb3=1 (by its port: its id changes with its firmware)')
  })
})

describe('deviceMapping', () => {
  const of = (world: World, absent = false) => deviceMapping(world.look, { cluster: 'Lab', needs: [], absent })
  const changesOf = async (world: World, absent = false) => {
    const resource = of(world, absent)
    world.outside.forget()
    const have = await resource.observe(world.outside)
    const differences = resource.diff(have).map(show)
    if (have === undefined) await resource.create(world.outside, world.note)
    else if (differences.length > 0) await resource.update(world.outside, have, world.note)
    return [differences, world.writes.splice(0)]
  }
  const LINE = 'path=0000:01:00,id=10de:2204,subsystem-id=10de:147d,iommugroup=14'

  it('is made with the group and the subsystem, and again what it is', async () => {
    const world = deviceWorld({ mapping: null })
    assert.deepEqual(await changesOf(world), [[`n1 -→${LINE}`], [`map rtx ${MAPPING}`]])
    assert.deepEqual(await changesOf(world), [[], []])
    assert.equal(world.mappings.get('rtx')?.description, 'orion: Lab')
  })

  it('follows the hardware, and leaves the lines of other nodes', async () => {
    const world = deviceWorld()
    world.mappings.set('rtx', {
      map: ['node=n2,path=0000:05:00,id=10de:2204', 'node=n1,path=0000:02:00,id=10de:2204'],
      description: 'orion: Lab',
    })
    const [, writes] = await changesOf(world)
    assert.deepEqual(writes, [`map rtx node=n2,path=0000:05:00,id=10de:2204 ${MAPPING}`])
    assert.deepEqual((await changesOf(world, true))[1], ['map rtx node=n2,path=0000:05:00,id=10de:2204'])
  })

  it('goes with an undo, and only if it is ours', async () => {
    const world = deviceWorld()
    assert.deepEqual((await changesOf(world, true))[1], ['unmap rtx'])
    // By hand, and by a site whose name begins as ours does.
    for (const mark of [{}, { description: 'orion: Lab2' }]) {
      world.mappings.set('rtx', { map: [MAPPING], ...mark })
      assert.deepEqual(await changesOf(world, true), [[], []])
    }
  })

  it('is not touched where it is somebody else’s, but taken where it is right', async () => {
    const world = deviceWorld()
    world.mappings.set('rtx', { map: [MAPPING], description: 'by hand' })
    assert.deepEqual(await changesOf(world), [[], []])
    world.mappings.set('rtx', { map: ['node=n1,path=0000:02:00,id=10de:2204'], description: 'by hand' })
    await assert.rejects(changesOf(world), { code: 'E_FOREIGN' })
  })

  it('waits for a restart of the node where there is no IOMMU yet', async () => {
    const world = deviceWorld({ mapping: null, sight: { reboot: 'no IOMMU works for 0000:01:00' } })
    const { entry: _, ...sight } = world.look.sight({ files: new Map(), commands: new Map() })
    const blind = { ...world, look: { ...world.look, sight: () => sight } }
    const resource = of(blind)
    assert.deepEqual(resource.diff(await resource.observe(world.outside)).map(show), [
      'n1 -→its address and group !operator no IOMMU works for 0000:01:00: orion gpu apply --node n1 --reboot now',
    ])
  })
})
