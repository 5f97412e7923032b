export const handler = async () => { throw new Error('of a module'); };
