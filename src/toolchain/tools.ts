import { GemgateError } from '../core/errors.ts'
import type { ToolCommand } from './tool-run.ts'

/** The versions that make the committed bitstreams; others give other bytes. */
export const toolVersions = { yosys: '0.55.944', 'nextpnr-ice40': '0.8.621' } as const

const installation = 'npm install @yowasp/nextpnr-ice40@0.8.621'

/** Loads Yosys. Throws GG_TOOL_MISSING when it is another version than the pinned one. */
export async function loadYosys(): Promise<typeof import('@yowasp/yosys')> {
  const module = await import('@yowasp/yosys').catch(() => undefined)
  const remedy = `Run npm install @yowasp/yosys@${toolVersions.yosys}.`
  return checked('Yosys', module, toolVersions.yosys, remedy)
}

/** What gemgate takes from @yowasp/nextpnr-ice40, which users of the library may lack. */
export interface PlaceAndRoute {
  readonly version: string
  readonly runNextpnrIce40: ToolCommand
  readonly runIcepack: ToolCommand
}

/** Loads nextpnr-ice40 and icepack. Throws GG_TOOL_MISSING when they are not there or another version. */
export async function loadNextpnr(): Promise<PlaceAndRoute> {
  const module = await import('@yowasp/nextpnr-ice40').catch(() => undefined)
  return checked('nextpnr-ice40', module, toolVersions['nextpnr-ice40'], `Run ${installation}.`)
}

function checked<Module extends { readonly version: string }>(
  name: string,
  module: Module | undefined,
  version: string,
  remedy: string,
): Module {
  if (module === undefined)
    throw new GemgateError('GG_TOOL_MISSING', `${name} ${version} is not installed`, remedy)
  if (module.version !== version)
    throw new GemgateError(
      'GG_TOOL_MISSING',
      `${name} is version ${module.version}, and bitstreams are made with ${version}`,
      remedy,
    )
  return module
}
