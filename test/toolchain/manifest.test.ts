import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { manifestText, readManifest } from '../../src/toolchain/manifest.ts'
import { root } from '../support/hdl-files.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-manifest-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** All paths of fields below a value. */
function fields(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[...path]]
  const inner = Object.entries(value).flatMap(([name, item]) => fields(item, [...path, name]))
  return path.length === 0 || path[0] === 'tools' ? inner : [[...path], ...inner]
}

it('is refused, naming the field, when one is missing or of another kind', async () => {
  const good = await readManifest(join(root, 'bitstreams/icebreaker.json'))
  expect(manifestText(good)).toMatch(/^\{\n {2}"format": 1,/)
  const file = join(folder, 'm.json')
  const all = fields(good).filter(([first]) => first !== 'tools')
  expect(all.length).toBeGreaterThan(30)
  for (const path of all)
    for (const wrong of [undefined, null, -1.5, ['x', 1], {}]) {
      const copy = structuredClone(good) as unknown as Record<string, unknown>
      const holder = path.slice(0, -1).reduce((at, name) => at[name] as Record<string, unknown>, copy)
      if (path.join('.') === 'slack' && wrong === -1.5) continue
      holder[path.at(-1)!] = wrong
      writeFileSync(file, JSON.stringify(copy))
      await expect(readManifest(file), `${path.join('.')} = ${wrong}`).rejects.toMatchObject({
        code: 'GG_FILE_FORMAT',
        message: expect.stringContaining(path.join('.')),
        file,
      })
    }
})

it('is refused when it is no JSON, no object, or not there', async () => {
  const file = join(folder, 'n.json')
  for (const text of ['', '{', '[]', 'null', '3']) {
    writeFileSync(file, text)
    await expect(readManifest(file)).rejects.toMatchObject({ code: 'GG_FILE_FORMAT' })
  }
  await expect(readManifest(join(folder, 'none'))).rejects.toMatchObject({ code: 'GG_FILE_NOT_FOUND' })
})
