exports.handler = async () => 'broken package.json';
