import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { modulesBehind, sourceHash } from '../../src/explore/source-hash.ts'

let folder: string
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-sources-'))
  mkdirSync(join(folder, 'part'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Names of the modules behind `entry.ts`. */
const behind = (): string[] =>
  modulesBehind(pathToFileURL(join(folder, 'entry.ts')).href)
    .map((path) => relative(folder, path))
    .sort()

it('finds all that a module stands on, but no types and no packages', () => {
  write(
    'entry.ts',
    [
      "import { readFileSync } from 'node:fs'",
      "import type { Shape } from './types.ts'",
      "import {\n  a,\n  type B,\n} from './a.ts'",
      "import './effect.ts'",
      "import * as all from './part/all.ts'",
      'const own = { own: 1 }',
      'export { own }',
      "export { c } from './c.ts'",
      "const later = async () => (await import('./later.ts')).value",
      "const thread = new URL('./thread.ts', import.meta.url)",
      " * as in new URL('./example.ts', import.meta.url)",
    ].join('\n'),
  )
  write('a.ts', "import { deep } from './part/deep.ts'")
  for (const name of ['effect', 'part/all', 'c', 'later', 'thread', 'part/deep']) write(`${name}.ts`, '')
  expect(behind()).toEqual(
    ['a', 'c', 'effect', 'entry', 'later', 'part/all', 'part/deep', 'thread'].map((name) => `${name}.ts`),
  )
})

it('takes of an index only what is used', () => {
  write('entry.ts', "import { a, type T, renamed as own } from './part/index.ts'")
  write(
    'part/index.ts',
    "export { a, unused } from './a.ts'\nexport { b } from './b.ts'\nexport { c as renamed } from './c.ts'\nexport { type T, t } from './t.ts'",
  )
  for (const name of ['a', 'b', 'c', 't']) write(`part/${name}.ts`, '')
  expect(behind()).toEqual(['entry.ts', 'part/a.ts', 'part/c.ts'])
  write('entry.ts', "export * from './part/index.ts'")
  expect(behind()).toEqual(['entry.ts', 'part/a.ts', 'part/b.ts', 'part/c.ts', 'part/t.ts'])
})

it('depends on names, lengths and contents, not on the order', () => {
  write('part/a', 'one')
  write('part/b', 'two')
  const paths = ['part/a', 'part/b'].map((name) => join(folder, name))
  const hash = sourceHash(paths)
  expect(sourceHash([...paths].reverse())).toBe(hash)
  expect(sourceHash([join(folder, 'part')])).toBe(hash)
  write('part/a', 'onet')
  write('part/b', 'wo')
  const shifted = sourceHash(paths)
  write('part/a', 'one')
  write('part/b', 'two')
  renameSync(join(folder, 'part/b'), join(folder, 'part/c'))
  expect(new Set([hash, shifted, sourceHash([join(folder, 'part')])]).size).toBe(3)
})
