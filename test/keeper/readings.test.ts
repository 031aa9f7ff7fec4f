// The Keeper's program and sensors that say what cannot be, fall silent, jump, or are not those that count: nothing is shed for it.
import { assertRow, type Row, tells, WARM } from './timeline.ts'

const rows: readonly Row[] = [
  {
    name: 'says that a sensor is gone',
    timeline: [WARM, [undefined, 20]],
    acts: [],
    state: 'cool',
    alarms: ['sensor k10temp/0000:00:18.3/Tctl', 'sensors genesis'],
  },
  ...(['127000', '0', '-5000', '', 'nan', '1e9', '99999999999', 'fault'] as const).map(
    (text): Row => ({
      name: `takes a reading of ${JSON.stringify(text)} for none`,
      timeline: [WARM, [text, 30]],
      acts: [],
      state: 'cool',
      alarms: ['sensor k10temp/0000:00:18.3/Tctl', 'sensors genesis'],
    }),
  ),
  {
    name: 'sheds nothing for a sensor that jumps about',
    timeline: [
      WARM,
      ...Array.from(
        { length: 15 },
        () =>
          [
            [101, 1],
            [60, 1],
          ] as const,
      ).flat(),
    ],
    acts: [],
    state: 'cool',
    alarms: ['sensor k10temp/0000:00:18.3/Tctl', 'sensors genesis'],
  },
  {
    name: 'believes a sensor that jumped once it makes sense again',
    timeline: [
      [45, 2],
      [90, 8],
    ],
    acts: ['35 balloon=8192 101'],
    state: 'shedding',
  },
  {
    name: 'gives nothing back while the sensor that was hot is silent, but not for ever',
    timeline: [
      (stage) => {
        stage.put('sys/class/hwmon/hwmon2/name', 'coretemp')
        stage.put('sys/class/hwmon/hwmon2/temp1_input', '50000')
      },
      WARM,
      [90, 4],
      [undefined, 60],
      [undefined, 80],
    ],
    acts: ['20 balloon=8192 101', '690 balloon=32768 101'],
    state: 'cool',
    alarms: ['sensor k10temp/0000:00:18.3/Tctl'],
  },
  {
    name: 'passes over Tctl with its offset where there is Tdie, and over chips that are not watched',
    timeline: [
      (stage) => {
        stage.put('sys/class/hwmon/hwmon1/temp2_label', 'Tdie')
        stage.put('sys/class/hwmon/hwmon1/temp2_input', '63000')
        stage.put('sys/class/hwmon/hwmon2/name', 'acpitz')
        stage.put('sys/class/hwmon/hwmon2/temp1_input', '95000')
      },
      [90, 20],
    ],
    acts: [],
    state: 'cool',
  },
  {
    name: 'says that a sensor which is named is not there',
    config: { sensors: ['zenpower'] },
    timeline: [[90, 20]],
    acts: [],
    state: 'cool',
    alarms: ['sensor zenpower', 'sensors genesis'],
  },
  {
    name: 'reads a graphics card by nvidia-smi',
    timeline: [tells('nvidia', '50\n88\n'), [50, 4]],
    acts: ['5 balloon=8192 101'],
    state: 'shedding',
  },
  {
    name: 'says that a graphics card fell silent',
    timeline: [tells('nvidia', '50\n'), WARM, tells('nvidia', '[N/A]\n'), [50, 3]],
    acts: [],
    state: 'cool',
    alarms: ['sensor nvidia/0'],
  },
]

describe('orion-keeper and what sensors say', function () {
  this.timeout(60_000)
  for (const row of rows) it(row.name, () => assertRow(row))
})
