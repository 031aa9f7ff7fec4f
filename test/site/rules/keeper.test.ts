// The keeper's limits make sense, and it takes from guests that can give.
import assert from 'node:assert/strict'
import { keeper } from '../../../src/site/rules/keeper.ts'
import type { Keeper } from '../../../src/site/services.ts'
import type { Site } from '../../../src/site/site.ts'
import { ct, site, told, vm } from '../site-builder.ts'

const of = (parts: Partial<Keeper>): Partial<Site> => ({
  guests: [
    vm('a', 100, {}, { balloonMib: 512 }),
    vm('b', 101),
    ct('c', 102),
    vm('own', 103, {}, { balloonMib: 512, pin: { cores: 2, exclusive: true, realtime: false } }),
  ],
  keeper: { shed: [], balloonIdle: [], ...parts },
})
const watchdog = (timeoutSeconds: number, device = '/dev/watchdog') => of({ watchdog: { device, timeoutSeconds } })

describe('keeper', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    ['no keeper, nothing to say', {}, []],
    ['resumes below the limit', of({ temperature: { limitCelsius: 80, resumeCelsius: 70, sensors: [] } }), []],
    [
      'resumes at the limit',
      of({ temperature: { limitCelsius: 80, resumeCelsius: 80, sensors: [] } }),
      ['error keeper.temperature.resume: resumes at 80 °C, which is not below the limit of 80 °C'],
    ],
    ['a minute for the watchdog', watchdog(60), []],
    [
      'five seconds for the watchdog',
      watchdog(5),
      ['warning keeper.watchdog.timeout: 5 s is short: a busy node is reset; 10 s or more'],
    ],
    ['none', watchdog(0), ['error keeper.watchdog.timeout: a watchdog needs a timeout above zero']],
    [
      'a watchdog that is no device',
      watchdog(60, '/etc/passwd'),
      ['error keeper.watchdog.device: /etc/passwd is not a device under /dev/'],
    ],
    [
      'a watchdog whose name would be more than one setting',
      watchdog(60, '/dev/watchdog RuntimeWatchdogSec=1'),
      ['error keeper.watchdog.device: /dev/watchdog RuntimeWatchdogSec=1 is not a device under /dev/'],
    ],
    ['a watchdog outside alone', of({ serial: '/dev/ttyUSB0' }), []],
    [
      'a serial port that is no device',
      of({ serial: '/etc/passwd' }),
      ['error keeper.watchdog.serial: /etc/passwd is not a device under /dev/'],
    ],
    ['metrics that node-exporter reads', of({ metrics: '/srv/orion.prom' }), []],
    [
      'metrics that it does not read',
      of({ metrics: '/srv/orion' }),
      ['warning keeper.metrics: /srv/orion does not end in .prom: node-exporter reads no other files'],
    ],
    [
      'a guest with cores of its own',
      of({ shed: ['own', 'a'], balloonIdle: ['own'] }),
      [
        'error keeper.shed: guests.own has cores for itself (pin.exclusive), and the Keeper takes nothing of it',
        'error keeper.balloonIdle: guests.own has cores for itself (pin.exclusive), and the Keeper takes nothing of it',
      ],
    ],
    ['twice in a list', of({ shed: ['a', 'b', 'a'] }), ['warning keeper.shed: a stands in this list already']],
    [
      'guests without a balloon',
      of({ balloonIdle: ['a', 'b', 'c'] }),
      [
        'warning keeper.balloonIdle: guests.b has no balloon minimum: there is nothing to take back',
        'warning keeper.balloonIdle: guests.c is a container: there is nothing to take back',
      ],
    ],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(keeper(site(parts))), want))
})
