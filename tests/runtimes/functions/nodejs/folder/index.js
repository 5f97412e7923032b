exports.handler = async () => 'index of a folder';
