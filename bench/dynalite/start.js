// Starts dynalite on 127.0.0.1, with its tables in files as Matinee's are.
//   node start.js PORT DIRECTORY
const dynalite = require("dynalite");

const [port, directory] = process.argv.slice(2);
dynalite({ path: directory, createTableMs: 0, deleteTableMs: 0 }).listen(Number(port), "127.0.0.1");
