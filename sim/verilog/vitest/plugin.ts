import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeError, GemgateError } from '../../../src/core/errors.ts'
import { codeFrame } from './code-frame.ts'
import { describeModule, type ModuleDescription } from './module-description.ts'
import { declarationPath, declarationText, writeDeclaration } from './types.ts'

export interface VerilogPluginOptions {
  /** Folders of modules that the imported ones use, besides the folder of each file: NAME.sv or NAME.v. */
  library?: string[]
  /** Folders searched for include files. */
  include?: string[]
  /** Macros; `SIMULATION` is always defined. */
  defines?: Record<string, string | number | true>
  /**
   * Where declarations for TypeScript go: beside the files (the default), below a folder that is listed in `rootDirs` of
   * tsconfig.json, or nowhere (false). `allowArbitraryExtensions` must be on there.
   */
  types?: string | false
}

/** A plugin of vite; its type is vite's, which this package does not need otherwise. */
export interface VerilogPlugin {
  readonly name: string
  readonly enforce: 'pre'
  config(config: UserConfig): UserConfig
  configResolved(config: { readonly root: string }): void
  load(this: PluginContext, id: string): Promise<string | undefined>
}

interface UserConfig {
  readonly test?: { readonly testTimeout?: number }
}

interface PluginContext {
  addWatchFile(path: string): void
  error(error: object): never
}

const dependencyQuery = '?gemgate-dependency'

/**
 * Lets tests import SystemVerilog: `import Counter from './counter.sv'` gives the module as a `VerilogModule`, typed by
 * its own ports. In watch mode a changed file runs the tests again that use it.
 */
export function verilog(options: VerilogPluginOptions = {}): VerilogPlugin {
  let root = process.cwd()
  const inRoot = (paths: readonly string[] = []) => paths.map((path) => resolve(root, path))
  return {
    name: 'gemgate:verilog',
    enforce: 'pre',
    // the test that first uses a design waits for its compilation, which takes longer than vitest's five seconds at times
    config: ({ test }) => ({ test: { testTimeout: test?.testTimeout ?? 60_000 } }),
    configResolved(config) {
      root = config.root
    },
    async load(id) {
      // a file that an imported one needs: vite shall know that they belong together
      if (id.endsWith(dependencyQuery)) return 'export {}'
      if (!/\.s?v$/.test(id) || id.startsWith('\0')) return undefined
      const settings = {
        library: inRoot(options.library),
        include: inRoot(options.include),
        defines: options.defines ?? {},
      }
      try {
        const module = await describeModule(id, settings)
        if (options.types !== false)
          await writeDeclaration(declarationPath(id, options.types, root), declarationText(id, module))
        for (const file of module.files) this.addWatchFile(file)
        return moduleText(id, module, settings)
      } catch (error) {
        if (error instanceof GemgateError)
          this.addWatchFile(error.file === undefined ? id : resolve(error.file))
        throw error instanceof GemgateError ? this.error(viteError(error, id)) : error
      }
    },
  }
}

function moduleText(
  id: string,
  { top, sources, files }: ModuleDescription,
  { include, defines }: { include: readonly string[]; defines: object },
): string {
  const own = import.meta.url.endsWith('.ts') ? 'verilog-module.ts' : 'verilog-module.js'
  const runtime = fileURLToPath(new URL(own, import.meta.url))
  const others = files.filter((file) => file !== id)
  return [
    `import { verilogModule } from ${JSON.stringify(runtime)}`,
    ...others.map((file) => `import ${JSON.stringify(file + dependencyQuery)}`),
    `export default verilogModule(${JSON.stringify(top)}, ${JSON.stringify(sources)}, ${JSON.stringify({ include, defines })})`,
    '',
  ].join('\n')
}

/** The error as vite shows it: place and lines of the source. */
function viteError(error: GemgateError, id: string): object {
  const file = resolve(error.file ?? id)
  const { line } = error
  const message = describeError(error)
  if (line === undefined) return { message, id: file }
  return {
    message,
    id: file,
    loc: { file, line, column: 0 },
    frame: codeFrame(readFileSync(file, 'utf8'), line),
  }
}
