/** The part of the WebAssembly API used here; neither the es2023 library nor @types/node 20 declares it. */
export interface WasmModule {
  readonly [Symbol.toStringTag]?: string
}

export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>
}

/** Imported functions by module and name. */
export type WasmImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>

interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<WasmModule>
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (module: WasmModule, imports?: WasmImports) => WasmInstance
}

export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly
