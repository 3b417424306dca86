import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { generatedFiles } from '../../../scripts/generated-files.ts'
import { registerAddress } from '../../../src/board/registers.ts'
import { root } from '../../support/hdl-files.ts'

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
})
