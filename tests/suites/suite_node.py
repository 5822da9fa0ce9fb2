"""Node.js: compiled functions, worker threads, zlib, cryptography, children, a server and its client, an exception."""

from case import Case

PACKAGES = ["nodejs"]
NEEDS = ["node"]

SCRIPT = r"""
const zlib = require('zlib'), children = require('child_process'), crypto = require('crypto'), net = require('net');
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
if (!isMainThread) {
        const objects = [];
        for (let i = 0; i < 20000; i++) objects.push({ i, text: 'x'.repeat(i % 50) });
        parentPort.postMessage(objects.reduce((sum, o) => sum + o.text.length + o.i * workerData, 0));
} else {
        (async () => {
                const buffers = [];
                for (let i = 0; i < 200; i++) buffers.push(Buffer.alloc(100000, i & 255));
                const packed = zlib.deflateSync(Buffer.concat(buffers));
                console.log(packed.length, zlib.inflateSync(packed).length);
                console.log(crypto.pbkdf2Sync('word', 'salt', 1000, 32, 'sha256').toString('hex'));
                console.log(await Promise.all([1, 2, 3, 4].map(n => new Promise((done, failed) => {
                        const worker = new Worker(__filename, { workerData: n });
                        worker.on('message', done);
                        worker.on('error', failed);
                }))));
                console.log(children.execFileSync('/bin/sh', ['-c', 'echo child $((6 * 7))']).toString());
                console.log(children.spawnSync(process.execPath, ['-e', 'process.exit([...Array(1000).keys()].reduce((a, b) => a + b) % 100)']).status);
                console.log(fib(27));
                const map = new Map();
                for (let i = 0; i < 200000; i++) map.set('k' + i, { v: i });
                console.log(map.size, /(a+)+b/.test('aaaaaaaaaaab'));
                try { (function deep() { deep(); })(); } catch (error) { console.log(error.message); }
                const server = net.createServer(socket => socket.pipe(socket)).listen('echo.sock', () => {
                        const client = net.connect('echo.sock', () => client.end('x'.repeat(1000000)));
                        let got = 0;
                        client.on('data', data => got += data.length).on('end', () => { console.log(got); server.close(); });
                });
                process.exitCode = 3;
        })();
}
"""


def cases():
    return [Case("script", ["node", "script.js"], files={"script.js": SCRIPT})]
