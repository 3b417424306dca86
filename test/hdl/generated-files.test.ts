import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { generatedFiles, generatedFolders } from '../../scripts/generated-files.ts'
import { registerAddress } from '../../src/board/registers.ts'
import { root } from '../support/hdl-files.ts'

describe('committed files that are made from TypeScript', () => {
  it.each([...generatedFiles])('%s is what `npm run generate` makes', (path, make) => {
    expect(readFileSync(root + path, 'utf8')).toBe(make())
  })

  it('are at least the register file, the table of logarithms and the register documentation', () => {
    const paths = ['hdl/trigger/register_file.sv', 'hdl/trigger/log2_table.sv', 'docs/registers.md']
    expect([...generatedFiles.keys()]).toEqual(expect.arrayContaining(paths))
    const table = generatedFiles.get('docs/registers.md')!()
    for (const name of registerAddress.keys()) expect(table).toContain(name)
  })

  it.each([...generatedFolders])(
    '%s holds what `npm run generate` makes and nothing else',
    async (path, make) => {
      const files = await make()
      expect(readdirSync(root + path).sort()).toEqual([...files.keys()].sort())
      for (const [name, text] of files)
        expect(readFileSync(`${root}${path}/${name}`, 'utf8'), name).toBe(text)
    },
  )

  it('are among others the classifier, from models/recoil-mlp.onnx', async () => {
    const files = await generatedFolders.get('hdl/classifier')!()
    expect([...files.keys()]).toContain('recoil_mlp.sv')
  })
})
