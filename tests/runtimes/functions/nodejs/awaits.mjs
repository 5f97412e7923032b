export const handler = async () => await 'top'; await Promise.resolve();
