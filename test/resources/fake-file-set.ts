// A file set of one file on a fake host, and what a plan and an apply do with it.
import { OrionError } from '../../src/errors.ts'
import { type FileSet, fileSet } from '../../src/resources/file-set.ts'
import { type FakeHostOptions, fakeHost } from './fake-host.ts'

export const PATH = '/etc/x.conf'
export const OTHER = '/etc/y.conf'

export function setOf(changes: Partial<FileSet> = {}): FileSet {
  return {
    host: 'n1',
    name: 'x',
    wish: { files: [PATH, OTHER] },
    files: () => [{ path: PATH, text: 'a\nb\nc\n' }],
    activate: [['reload', 'x']],
    ...changes,
  }
}

export function make(set: FileSet, options: FakeHostOptions = {}) {
  const fake = fakeHost({ programs: { reload: '' }, ...options })
  const resource = fileSet(set)
  const look = async () => {
    const have = await resource.observe(fake.outside)
    return { have, differences: resource.diff(have) }
  }
  const apply = async () => {
    const { have } = await look()
    if (have === undefined) await resource.create(fake.outside, fake.note)
    else await resource.update(fake.outside, have, fake.note)
  }
  return { fake, resource, look, apply }
}

export const code = (wanted: string) => (error: unknown) => error instanceof OrionError && error.code === wanted
