// Toolchains of this machine in a real sandbox: they start, use the gateway, and build native packages.
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest'
import type { Bench } from './glovebox.ts'
import { makeRepository, openBench } from './glovebox.ts'

const TIMEOUT_MS = 150_000
const FILES = {
  'package.json': JSON.stringify({
    name: 'native',
    version: '1.0.0',
    gypfile: true,
    scripts: { install: 'node-gyp rebuild' },
  }),
  'binding.gyp': '{ "targets": [{ "target_name": "hello", "sources": ["hello.c"] }] }',
  'hello.c': `#include <node_api.h>
static napi_value start(napi_env env, napi_value exports) {
  napi_value text;
  napi_create_string_utf8(env, "from C", NAPI_AUTO_LENGTH, &text);
  return text;
}
NAPI_MODULE(hello, start)
`,
  'Fetch.java': `public class Fetch {
  public static void main(String[] args) throws Exception {
    var old = (java.net.HttpURLConnection) new java.net.URL(args[0]).openConnection();
    var request = java.net.http.HttpRequest.newBuilder(java.net.URI.create(args[0])).build();
    var client = java.net.http.HttpClient.newHttpClient();
    var handler = java.net.http.HttpResponse.BodyHandlers.discarding();
    System.out.println("told " + old.getResponseCode() + " " + client.send(request, handler).statusCode());
  }
}
`,
}

let bench: Bench
let repository: string
beforeAll(async () => {
  bench = await openBench()
  repository = await makeRepository(bench.folder, 'project', FILES, { bare: true })
})
afterAll(() => bench[Symbol.asyncDispose]())

async function inTheBox(script: string): Promise<{ id: string; out: string; err: string }> {
  const { stdout, stderr } = await bench.glovebox('run', '--repo', repository, '--json', '--', 'sh', '-c', script)
  if (stdout === '') throw new Error(stderr)
  const { run } = JSON.parse(stdout) as { run: { id: string } }
  const out = await bench.glovebox('output', run.id, '1')
  const err = await bench.glovebox('output', run.id, '1', '--stderr')
  return { id: run.id, out: out.stdout, err: err.stdout }
}

function need(ctx: TestContext, ...names: string[]): void {
  for (const name of names) {
    try {
      execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', name], { env: { PATH: '/usr/local/bin:/usr/bin:/bin' } })
    } catch {
      ctx.skip(`${name} is not installed on this machine`)
    }
  }
}

test('builds a native package without the network', { timeout: TIMEOUT_MS }, async (ctx) => {
  need(ctx, 'make', 'gcc', 'python3')
  const { id, out, err } = await inTheBox(
    'npm install --no-package-lock && node -p "require(\'./build/Release/hello.node\')"',
  )
  expect(out, err).toContain('from C')
  expect(await bench.events(id, 'net.requested')).toEqual([])
})

test('Java uses the gateway and trusts it', { timeout: TIMEOUT_MS }, async (ctx) => {
  need(ctx, 'java')
  const { id, out, err } = await inTheBox('java Fetch.java https://example.com/')
  expect(out, err).toContain('told 403 403')
  const asked = (await bench.events(id, 'net.requested')).map(({ body }) => `${body.status} ${body.url}`)
  expect(asked).toEqual(['403 https://example.com/', '403 https://example.com/'])
})

test('Maven starts without the settings of the machine', { timeout: TIMEOUT_MS }, async (ctx) => {
  need(ctx, 'mvn')
  const { out, err } = await inTheBox('mvn -v; ls /etc/maven; cat /etc/maven/settings.xml')
  expect(out, err).toContain('Apache Maven')
  expect(out).not.toContain('settings.xml')
  expect(err).toMatch(/settings\.xml: No such file/)
})
