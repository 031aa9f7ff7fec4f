// What brings the files of a node to its next start, run as it is against trees of GRUB's and systemd-boot's layouts with tools that write down their calls.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gpuBoot } from '../../../src/parts/gpu/files.ts'

const MARK = 'var/lib/orion/gpu/rebuild'
const IMAGE = `boot/initrd.img-${release()}`
const EARLY = { 'etc/initramfs-tools/scripts/init-top/orion-vfio': '' }
const ESPS = { 'etc/kernel/proxmox-boot-uuids': 'ABCD-1234\n' }
const DROP_IN = {
  'etc/default/grub.d/orion.cfg': 'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT intel_iommu=on iommu=pt"\n',
}
const menu = (words: string) => ({ 'boot/grub/grub.cfg': `linux /boot/vmlinuz root=/dev/sda1 ro quiet ${words}\n` })
const FULL = { ...EARLY, [IMAGE]: 'scripts/init-top/orion-vfio\n' }

const INITRAMFS = 'update-initramfs -u -k all'
const REFRESH = 'proxmox-boot-tool refresh'

interface Row {
  readonly name: string
  readonly loader: 'grub' | 'systemd-boot' | 'any'
  readonly files: Readonly<Record<string, string>>
  /** The tool that fails. */
  readonly fails?: string
  readonly calls: readonly string[]
  /** Of what it says where it ends with an error. */
  readonly error?: RegExp
}

const ROWS: readonly Row[] = [
  {
    name: 'GRUB',
    loader: 'grub',
    files: { ...FULL, ...DROP_IN, ...menu('intel_iommu=on iommu=pt') },
    calls: [INITRAMFS, 'update-grub'],
  },
  {
    name: 'GRUB on ESPs that Proxmox keeps',
    loader: 'grub',
    files: { ...FULL, ...ESPS },
    calls: [INITRAMFS, 'update-grub', REFRESH],
  },
  { name: 'systemd-boot', loader: 'systemd-boot', files: { ...FULL, ...ESPS }, calls: [INITRAMFS, REFRESH] },
  {
    name: 'systemd-boot beside files of a GRUB',
    loader: 'systemd-boot',
    files: { ...ESPS, ...menu('') },
    calls: [INITRAMFS, REFRESH],
  },
  {
    name: 'a loader that is not known, on the way back',
    loader: 'any',
    files: { ...ESPS },
    calls: [INITRAMFS, 'update-grub', REFRESH],
  },
  {
    name: 'an image that cannot be made',
    loader: 'systemd-boot',
    files: ESPS,
    fails: 'update-initramfs',
    calls: [INITRAMFS],
    error: /update-initramfs fails/,
  },
  {
    name: 'a menu that cannot be made',
    loader: 'grub',
    files: ESPS,
    fails: 'update-grub',
    calls: [INITRAMFS, 'update-grub'],
    error: /update-grub fails/,
  },
  {
    name: 'an ESP that is full',
    loader: 'systemd-boot',
    files: ESPS,
    fails: 'proxmox-boot-tool',
    calls: [INITRAMFS, REFRESH],
    error: /proxmox-boot-tool fails/,
  },
  {
    name: 'an image without the early script',
    loader: 'systemd-boot',
    files: { ...ESPS, ...EARLY, [IMAGE]: 'init\n' },
    calls: [INITRAMFS, REFRESH],
    error: /initrd\.img-.* does not have orion-vfio/,
  },
  {
    name: 'a menu without a word',
    loader: 'grub',
    files: { ...DROP_IN, ...menu('intel_iommu=on') },
    calls: [INITRAMFS, 'update-grub'],
    error: /grub\.cfg does not have iommu=pt/,
  },
]

describe('parts/gpu/orion-gpu-boot', () => {
  for (const row of ROWS)
    it(row.name, () => {
      const { calls, status, stderr, isMarked } = run(row)
      assert.deepEqual(calls, row.calls)
      assert.equal(status === 0, row.error === undefined, stderr)
      assert.match(stderr, row.error ?? /^$/)
      assert.equal(isMarked, row.error !== undefined, 'half made until it is through')
    })
})

function run({ loader, files, fails }: Row) {
  const root = mkdtempSync(join(tmpdir(), 'orion-boot-'))
  const log = join(root, 'calls')
  try {
    for (const [path, text] of Object.entries(files)) put(join(root, path), text)
    for (const name of ['update-initramfs', 'update-grub', 'proxmox-boot-tool'])
      putTool(
        root,
        name,
        `echo ${name} "$@" | sed 's/ *$//' >> '${log}'${name === fails ? `; echo ${name} fails >&2; exit 1` : ''}`,
      )
    putTool(root, 'lsinitramfs', 'cat "$1"')
    const [command = '', ...args] = gpuBoot(loader).map((word) =>
      word.replace(/(?<![\w.])\/(?=(?:etc|boot|var)\/)/g, `${root}/`),
    )
    const env = { PATH: `${join(root, 'tools')}:/usr/bin:/bin` }
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', env })
    const calls = readFileSync(log, 'utf8').trim().split('\n')
    return { calls, status, stderr, isMarked: existsSync(join(root, MARK)) }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function putTool(root: string, name: string, text: string): void {
  const file = join(root, 'tools', name)
  put(file, `#!/bin/sh\n${text}\n`)
  chmodSync(file, 0o755)
}

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
