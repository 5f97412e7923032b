exports.handler = async () => 'plain package';
