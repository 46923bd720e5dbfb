// Prints the issues that Khronos' glTF-Validator finds: node validate_gltf.mjs NODE_MODULES FILE
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [modules, file] = process.argv.slice(2);
const validator = createRequire(join(modules, "here.js"))("gltf-validator");
const report = await validator.validateBytes(new Uint8Array(readFileSync(file)));
console.log(JSON.stringify(report.issues));
